package doc

import (
	"go/doc/comment"
	"html/template"
	"strings"
	"unicode"

	"github.com/parley-rpc/parley/idl"
)

// A text is a comment, read as Go's doc comments are.
type text struct {
	doc *comment.Doc
	pkg *idl.Package
}

// newText returns what a comment in package p says, nil if it says nothing.
func newText(source string, p *idl.Package) *text {
	source = clean(source)
	if strings.TrimSpace(source) == "" {
		return nil
	}
	parser := comment.Parser{
		LookupPackage: func(name string) (string, bool) {
			found := packageCalled(p, name)
			return name, found != nil
		},
		LookupSym: func(receiver, name string) bool { return linked(p, receiver, name) != "" },
	}
	doc := parser.Parse(source)
	for _, block := range doc.Content {
		encodeLinks(block)
	}
	return &text{doc, p}
}

// inURL encodes what could end a URL early where it is printed.
var inURL = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `"`, "%22", "'", "%27", "`", "%60", `\\`, "%5C", " ", "%20", "\t", "%20")

// encodeLinks makes the URLs of the links in block safe for Markdown. They are of http, https, ftp and the like.
func encodeLinks(block comment.Block) {
	switch block := block.(type) {
	case *comment.Paragraph:
		encodeURLs(block.Text)
	case *comment.Heading:
		encodeURLs(block.Text)
	case *comment.List:
		for _, item := range block.Items {
			for _, inner := range item.Content {
				encodeLinks(inner)
			}
		}
	}
}

func encodeURLs(texts []comment.Text) {
	for _, t := range texts {
		if link, ok := t.(*comment.Link); ok {
			link.URL = inURL.Replace(link.URL)
		}
	}
}

// HTML returns the text as HTML in which everything is escaped.
func (t *text) HTML() template.HTML {
	if t == nil {
		return ""
	}
	return template.HTML(t.printer().HTML(t.doc))
}

// Markdown returns the text as Markdown, with a newline at the end.
func (t *text) Markdown() string {
	if t == nil {
		return ""
	}
	var lines strings.Builder
	for line := range strings.Lines(string(t.printer().Markdown(t.doc))) {
		if !strings.HasPrefix(line, "\t") { // no code
			line = strings.ReplaceAll(line, "![", `\![`) // a link behind an exclamation mark is no picture
		}
		lines.WriteString(line)
	}
	return lines.String()
}

func (t *text) printer() *comment.Printer {
	return &comment.Printer{
		HeadingLevel: 5,
		HeadingID:    func(*comment.Heading) string { return "" }, // two comments may have the same heading
		DocLinkURL: func(link *comment.DocLink) string {
			target := linked(packageCalled(t.pkg, link.ImportPath), link.Recv, link.Name)
			if target == "" {
				return ""
			}
			return "#" + target
		},
	}
}

// packageCalled returns p itself for the empty name, what it imports under that name, or nil.
func packageCalled(p *idl.Package, name string) *idl.Package {
	if name == "" || name == p.Name {
		return p
	}
	for _, imported := range p.Imports {
		if imported.Name == name {
			return imported
		}
	}
	return nil
}

// linked returns the anchor of a name in p, or of a method, value or case of receiver, or "" if there is none.
func linked(p *idl.Package, receiver, name string) string {
	switch {
	case p == nil:
		return ""
	case receiver == "" && name == "":
		return p.Path
	case receiver == "":
		if d := p.Lookup(name); d != nil {
			return id(d)
		}
		return ""
	}
	d := p.Lookup(receiver)
	if d == nil {
		return ""
	}
	for m := range idl.Members(d) {
		if _, argument := m.(*idl.Field); !argument && m.Base().Name == name {
			return id(d, name)
		}
	}
	return ""
}

// clean returns text without what neither format can show: control characters and what is not UTF-8.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || r == '\uFEFF' || r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// oneLine returns text on one line.
func oneLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }
