package doc

import (
	"bytes"
	"fmt"
	"strings"
)

func writeMarkdown(out *bytes.Buffer, p *page) {
	fmt.Fprintf(out, "# %s\n", escape(p.Title))
	out.WriteByte('\n')
	for _, pkg := range p.Packages {
		fmt.Fprintf(out, "- %s\n", link(part{pkg.Path, pkg.ID}))
		for _, g := range pkg.Groups {
			var names []string
			for _, e := range g.Entries {
				names = append(names, link(part{e.Name, e.ID}))
			}
			fmt.Fprintf(out, "    - %s: %s\n", g.Title, strings.Join(names, ", "))
		}
	}
	for _, pkg := range p.Packages {
		fmt.Fprintf(out, "\n%s\n## package %s\n", anchor(pkg.ID), escape(pkg.Path))
		paragraph(out, pkg.Doc.Markdown())
		for _, g := range pkg.Groups {
			for _, e := range g.Entries {
				writeEntry(out, e, "###")
			}
		}
	}
}

func writeEntry(out *bytes.Buffer, e *entry, heading string) {
	title := escape(e.Name)
	if e.Keyword != "method" {
		title = e.Keyword + " " + title
	}
	for _, badge := range e.Badges {
		title += " · " + badge
	}
	fmt.Fprintf(out, "\n%s\n%s %s\n", anchor(e.ID), heading, title)
	paragraph(out, codeParts(e.Code))
	paragraph(out, deprecated(e.Deprecated))
	paragraph(out, e.Doc.Markdown())
	if len(e.Members) > 0 {
		out.WriteByte('\n')
	}
	for _, m := range e.Members {
		writeMember(out, m)
	}
	if len(e.Facts) > 0 {
		out.WriteByte('\n')
	}
	for _, f := range e.Facts {
		writeFact(out, f)
	}
	for _, m := range e.Methods {
		writeEntry(out, m, heading+"#")
	}
}

// writeMember writes a field, value or case as an item of a list, its comment indented below.
func writeMember(out *bytes.Buffer, m member) {
	out.WriteString("-   ")
	if m.ID != "" {
		out.WriteString(anchor(m.ID))
	}
	if m.Number != "" {
		out.WriteString(m.Number + ": ")
	}
	out.WriteString("`" + m.Name + "`")
	if m.Type != nil {
		out.WriteString(" " + proseParts(m.Type))
	}
	out.WriteByte('\n')
	for _, text := range []string{deprecated(m.Deprecated), m.Doc.Markdown()} {
		if text != "" {
			paragraph(out, "    "+strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    "))
		}
	}
}

// writeFact writes a fact as an item of a list, whose bullet is another than that of the members: a list ends there.
func writeFact(out *bytes.Buffer, f fact) {
	if len(f.Lines) == 1 {
		fmt.Fprintf(out, "* %s: %s\n", f.Label, proseParts(f.Lines[0]))
		return
	}
	fmt.Fprintf(out, "* %s:\n", f.Label)
	for _, line := range f.Lines {
		fmt.Fprintf(out, "    * %s\n", proseParts(line))
	}
}

// paragraph writes text with a blank line before it, nothing if it is empty.
func paragraph(out *bytes.Buffer, text string) {
	if text = strings.TrimRight(text, "\n"); text != "" {
		out.WriteString("\n" + text + "\n")
	}
}

func deprecated(instead string) string {
	if instead == "" {
		return ""
	}
	return "**Deprecated:** " + escape(instead)
}

// codeParts returns code on lines of its own, with links as the text has them; "" for none.
func codeParts(parts []part) string {
	text := proseParts(parts)
	text = strings.ReplaceAll(text, "\n\t", "\\\n&emsp;")
	return strings.ReplaceAll(text, "\n)", "\\\n)")
}

// proseParts returns the parts as text with links.
func proseParts(parts []part) string {
	var text strings.Builder
	for _, p := range parts {
		text.WriteString(link(p))
	}
	return text.String()
}

// link returns a part as a link, or as text if it names nothing.
func link(p part) string {
	if p.ID == "" {
		return escape(p.Text)
	}
	return "[" + escape(p.Text) + "](#" + p.ID + ")"
}

// anchor returns what makes id the target of links.
func anchor(id string) string { return `<a id="` + id + `"></a>` }

// escape returns text in which nothing means anything to Markdown or HTML.
func escape(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\`*_{}[]<>#+-!|&~\"'", r) {
			escaped.WriteByte('\\')
		}
		escaped.WriteRune(r)
	}
	return escaped.String()
}
