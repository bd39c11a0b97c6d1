package format

import (
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// imports prints the imports and sorts those on adjacent lines.
func (p *printer) imports() {
	var group []chunk
	start := len(p.lines)
	for i, imp := range p.file.Imports {
		first := len(p.lines)
		p.parted = i == 0
		p.importLine(imp)
		// What precedes the last blank line is not the import's own and stays where it is.
		own := first
		for j := len(p.lines) - 1; j > first; j-- {
			if p.lines[j].blank {
				own = j
				break
			}
		}
		if p.lines[own].blank {
			p.sortImports(start, group)
			group, start = nil, own
		}
		group = append(group, chunk{imp.Path.Text, p.lines[own:len(p.lines):len(p.lines)]})
	}
	p.sortImports(start, group)
}

// A chunk is an import with the comments above and behind it.
type chunk struct {
	path  string
	lines []*line
}

// sortImports puts the lines from start on, which are those of the group, in the order of the paths.
func (p *printer) sortImports(start int, group []chunk) {
	if len(group) == 0 {
		return
	}
	blank := p.lines[start].blank
	p.lines[start].blank = false
	slices.SortStableFunc(group, func(a, b chunk) int { return strings.Compare(a.path, b.path) })
	var sorted []*line
	for _, c := range group {
		sorted = append(sorted, c.lines...)
	}
	sorted[0].blank = blank
	copy(p.lines[start:], sorted)
}

func (p *printer) importLine(i *syntax.Import) {
	p.text(i.Keyword, "import ")
	if i.Alias != nil {
		p.text(i.Alias.Pos(), i.Alias.Name+" ")
	}
	p.text(i.Path.Pos(), i.Path.Text)
	p.endLine()
	p.trailing(i.End())
}
