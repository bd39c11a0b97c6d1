package lsp

import (
	"context"
	"strings"
)

// definition answers where the name at a position is declared: of a package all its files.
func definition(_ context.Context, w *snapshot, p positionParams) ([]Location, error) {
	f, o := w.lookup(p)
	if o == nil {
		return nil, nil
	}
	if dir, ok := strings.CutPrefix(o.key, "package "); ok {
		return w.clauses(f.root, dir), nil
	}
	d := w.declaration(f, o.key)
	if d == nil {
		return nil, nil
	}
	return []Location{w.location(d.file, d.pos, d.end)}, nil
}

// clauses returns where the files of a package name it.
func (w *snapshot) clauses(root, dir string) []Location {
	var locations []Location
	for _, f := range w.files(root, dir) {
		if name := f.tree().Ident; name != nil {
			locations = append(locations, w.location(f, name.Pos(), name.End()))
		}
	}
	return locations
}
