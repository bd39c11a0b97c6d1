package format

import (
	"bytes"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// A printer turns a tree into lines. Whatever it prints goes through text, which first prints the comments that stand
// before it in the source: so none is lost, wherever it stands.
type printer struct {
	file     *syntax.File
	comments []*syntax.CommentGroup // that are not printed yet

	lines  []*line
	open   bool // whether the last line goes on
	indent int
	parted bool // whether the next line needs a blank line before it
	tight  bool // whether the next line has no blank line before it
	source int  // the line of the source from which the last line begins
}

// text prints what stands at pos, behind the comments before it. A blank in front of it is left out where a line begins.
func (p *printer) text(pos syntax.Pos, text string) {
	p.commentsBefore(pos)
	if !p.open {
		p.begin(pos, &line{cells: [][]byte{nil}})
		p.open = true
		text = strings.TrimPrefix(text, " ")
	}
	cells := p.lines[len(p.lines)-1].cells
	cells[len(cells)-1] = append(cells[len(cells)-1], text...)
}

// column begins the next column of the line.
func (p *printer) column() {
	if p.open {
		l := p.lines[len(p.lines)-1]
		l.cells = append(l.cells, nil)
	}
}

// endLine makes what follows begin a line.
func (p *printer) endLine() { p.open = false }

// begin adds a line for what stands at pos in the source.
func (p *printer) begin(pos syntax.Pos, l *line) {
	l.indent = p.indent
	blank := p.blankBefore(pos)
	l.blank = len(p.lines) > 0 && !p.tight && (p.parted || blank)
	p.tight, p.parted = false, false
	p.lines = append(p.lines, l)
}

// blankBefore reports whether pos is on a line of the source, as the first thing there, that follows a blank line.
func (p *printer) blankBefore(pos syntax.Pos) bool {
	at := p.file.Position(pos)
	if at.Line == p.source {
		return false
	}
	p.source = at.Line
	text := p.file.Line(at.Line)
	return isBlank(text[:min(at.Column-1, len(text))]) && isBlank(p.file.Line(at.Line-1))
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// commentsBefore prints the comments that stand before pos.
func (p *printer) commentsBefore(pos syntax.Pos) {
	for len(p.comments) > 0 && p.comments[0].Pos() < pos {
		group := p.comments[0]
		p.comments = p.comments[1:]
		p.endLine()
		if last := len(p.lines) - 1; group.Trailing && p.lines[last].comment == "" {
			p.lines[last].comment = group.List[0].Text
			continue
		}
		for _, c := range group.List {
			p.begin(c.Slash, &line{comment: c.Text})
		}
	}
}

// trailing prints the comment that stands behind what ends at end, if there is one.
func (p *printer) trailing(end syntax.Pos) {
	if len(p.comments) == 0 {
		return
	}
	next := p.comments[0].Pos()
	if len(bytes.Trim(p.file.Source[end:next], " \t;")) == 0 {
		p.commentsBefore(next + 1)
	}
}

// hasComments reports whether a comment stands between two places.
func (p *printer) hasComments(pos, end syntax.Pos) bool {
	for _, group := range p.comments {
		if group.Pos() >= pos {
			return group.Pos() < end
		}
	}
	return false
}
