package lsp

import (
	"context"
	"strings"
)

// maxSymbols is how many symbols one answer holds at most.
const maxSymbols = 200

// symbols answers with what the packages of the open documents' roots declare, as far as its name holds the letters of the
// query in their order.
func symbols(ctx context.Context, w *snapshot, p symbolParams) ([]WorkspaceSymbol, error) {
	roots := map[string]bool{}
	matches := []WorkspaceSymbol{}
	for _, d := range w.sorted() {
		if roots[d.root] {
			continue
		}
		roots[d.root] = true
		for _, dir := range w.packages(d.root) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			for _, f := range w.files(d.root, dir) {
				matches = append(matches, w.matching(f, p.Query)...)
			}
		}
	}
	return matches[:min(len(matches), maxSymbols)], nil
}

func (w *snapshot) matching(f *file, query string) []WorkspaceSymbol {
	var matches []WorkspaceSymbol
	for _, o := range f.gathered() {
		if o.symbol == nil || symbolKinds[o.symbol.kind] == 0 || !inOrder(query, o.symbol.name) {
			continue
		}
		matches = append(matches, WorkspaceSymbol{
			Name:          o.symbol.name,
			Kind:          symbolKinds[o.symbol.kind],
			Location:      w.location(f, o.pos, o.end),
			ContainerName: container(o.key, o.symbol.name),
		})
	}
	return matches
}

// container returns what the thing of that key belongs to: justchat/room, justchat/room.Event.
func container(key, name string) string {
	of := strings.TrimSuffix(strings.TrimSuffix(key, name), "/")
	return strings.TrimSuffix(strings.NewReplacer("#", ".").Replace(of), ".")
}

// inOrder reports whether name holds the letters of query in their order, be they capital or not.
func inOrder(query, name string) bool {
	name = strings.ToLower(name)
	for _, r := range strings.ToLower(query) {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+1:] // an ASCII letter, or r was not found
	}
	return true
}
