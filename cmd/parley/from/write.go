package from

import (
	"bytes"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// marker is how the comments begin that say what was not carried.
const marker = "// parley from: "

// maxTrailing is how long a comment behind a line may be, in bytes; longer ones stand above it.
const maxTrailing = 60

// text returns the definition, not laid out yet, and what it does not carry.
func (c *converter) text(name string) ([]byte, []Note) {
	slices.SortStableFunc(c.decls, func(a, b *decl) int { return c.compare(a.pos, b.pos) })
	w := &writer{source: &c.source}
	for _, f := range c.packages[c.target.Path()].Syntax {
		if doc := f.Doc.Text(); doc != "" {
			w.comment(doc)
			break
		}
	}
	fmt.Fprintf(w, "package %s\n", name)
	for _, d := range c.decls {
		w.declaration(d)
	}
	return w.Bytes(), w.notes
}

// compare puts places in the order of the source, those of the target's package first.
func (c *converter) compare(a, b token.Pos) int {
	at, bt := c.inTarget(a), c.inTarget(b)
	if at != bt {
		if at {
			return -1
		}
		return 1
	}
	x, y := c.position(a), c.position(b)
	if x.Filename != y.Filename {
		return strings.Compare(x.Filename, y.Filename)
	}
	return x.Offset - y.Offset
}

func (c *converter) inTarget(pos token.Pos) bool {
	return slices.Contains(c.packages[c.target.Path()].GoFiles, c.position(pos).Filename)
}

// A writer writes a definition and keeps what its comments say.
type writer struct {
	bytes.Buffer
	source *source
	notes  []Note
}

func (w *writer) declaration(d *decl) {
	w.WriteByte('\n')
	w.comment(d.doc)
	w.lines(d.head)
	w.WriteString(d.text)
	if d.items == nil {
		w.trailing(d.notes, d.pos)
		return
	}
	w.WriteString(" {\n")
	for _, n := range d.notes {
		w.item(item{notes: []string{n}, pos: d.pos})
	}
	for _, it := range d.items {
		w.item(it)
	}
	w.WriteString("}\n")
}

// item writes one line of a body. One that is only a note has blank lines around it: it is nobody's documentation.
func (w *writer) item(it item) {
	if it.text == "" {
		w.WriteByte('\n')
	}
	if len(strings.Join(it.notes, "; ")) > maxTrailing && it.text != "" {
		w.above(it)
		it.notes = nil
	}
	w.comment(it.doc)
	w.lines(it.head)
	w.WriteString(it.text)
	w.trailing(it.notes, it.pos)
	if it.text == "" {
		w.WriteByte('\n')
	}
}

// above says above a line, and not in its documentation, what could not be carried there.
func (w *writer) above(it item) {
	w.WriteByte('\n')
	for _, n := range it.notes {
		n = strings.Join(strings.Fields(n), " ")
		w.WriteString(marker + n + "\n")
		w.notes = append(w.notes, Note{w.source.position(it.pos), n})
	}
	w.WriteByte('\n')
}

func (w *writer) lines(all []string) {
	for _, line := range all {
		w.WriteString(line + "\n")
	}
}

// trailing ends a line, with what could not be carried there.
func (w *writer) trailing(notes []string, pos token.Pos) {
	if notes != nil {
		text := strings.Join(strings.Fields(strings.Join(notes, "; ")), " ")
		w.WriteString(" " + marker + text)
		w.notes = append(w.notes, Note{w.source.position(pos), text})
	}
	w.WriteByte('\n')
}

// comment writes text as a comment.
func (w *writer) comment(text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		if line != "" && line[0] != '\t' { // which gofmt has no blank before
			line = " " + line
		}
		w.WriteString("//" + line + "\n")
	}
}

// described returns a comment without its paragraph on what is deprecated, and the annotation that says so.
func described(text string) (doc string, head []string) {
	var kept []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if instead, ok := strings.CutPrefix(paragraph, "Deprecated: "); ok && head == nil {
			instead = strings.Join(strings.Fields(instead), " ")
			head = []string{"@deprecated(" + strconv.Quote(strings.TrimSuffix(instead, ".")) + ")"}
			continue
		}
		kept = append(kept, paragraph)
	}
	return strings.Join(kept, "\n\n"), head
}
