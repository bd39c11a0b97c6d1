package lsp

import (
	"context"

	"github.com/parley-rpc/parley/idl/syntax"
)

// symbolKinds are the protocol's numbers for kinds of symbols.
var symbolKinds = map[string]int{
	"const": 14, "enum": 10, "struct": 23, "union": 5, "error": 24, "service": 11,
	"value": 22, "field": 8, "case": 8, "method": 6,
}

// outline answers with the declarations of a document and their members.
func outline(_ context.Context, w *snapshot, p documentParams) ([]DocumentSymbol, error) {
	f := w.file(p.TextDocument.URI)
	if f == nil {
		return nil, nil
	}
	entries := []DocumentSymbol{}
	for _, o := range f.gathered() {
		switch {
		case o.symbol == nil || symbolKinds[o.symbol.kind] == 0: // imports, parameters, results
		case isMember(o.symbol):
			last := &entries[len(entries)-1] // members come behind what they belong to
			last.Children = append(last.Children, w.entry(f, o))
		default:
			entries = append(entries, w.entry(f, o))
		}
	}
	return entries, nil
}

func isMember(s *symbol) bool {
	_, declaration := s.node.(syntax.Decl)
	return !declaration
}

// entry returns the outline's entry for what o declares. Its range holds its name even where the parser got lost.
func (w *snapshot) entry(f *file, o occurrence) DocumentSymbol {
	s := o.symbol
	entry := DocumentSymbol{
		Name:           s.name,
		Detail:         s.detail,
		Kind:           symbolKinds[s.kind],
		Range:          f.text.rangeOf(min(s.node.Pos(), o.pos), max(s.node.End(), o.end), w.encoding),
		SelectionRange: f.text.rangeOf(o.pos, o.end, w.encoding),
	}
	if m, ok := s.node.(*syntax.Method); ok {
		entry.Detail = signature(m)
	}
	return entry
}

// signature returns the parameters and results of m: (name string) (token bytes).
func signature(m *syntax.Method) string {
	text := "(" + arguments(m.Params) + ")"
	if len(m.Results) > 0 {
		text += " (" + arguments(m.Results) + ")"
	}
	return text
}

func arguments(fields []*syntax.Field) string {
	text := ""
	for _, f := range fields {
		for i, name := range f.Names {
			if text != "" {
				text += ", "
			}
			text += name.Name
			if i == len(f.Names)-1 {
				text += " " + f.Type.String()
			}
		}
	}
	return text
}
