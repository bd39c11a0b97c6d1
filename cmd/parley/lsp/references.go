package lsp

import (
	"context"
	"strings"
)

// references answers where the name at a position is used, in all packages of the root.
func references(ctx context.Context, w *snapshot, p referenceParams) ([]Location, error) {
	f, o := w.lookup(p.positionParams)
	if o == nil {
		return nil, nil
	}
	var locations []Location
	for _, use := range w.uses(ctx, f, o.key) {
		if use.symbol == nil || p.Context.IncludeDeclaration {
			locations = append(locations, w.location(use.file, use.pos, use.end))
		}
	}
	return locations, nil
}

// uses returns all occurrences of what from means by key, in the order of files. There are none of the language's own words.
// It ends early when ctx is done.
func (w *snapshot) uses(ctx context.Context, from *file, key string) []found {
	if strings.HasPrefix(key, "alias ") {
		return occurrences([]*file{from}, key)
	}
	if !strings.Contains(key, "#") && !strings.HasPrefix(key, "package ") {
		return nil
	}
	var all []found
	for _, dir := range w.packages(from.root) {
		if ctx.Err() != nil {
			return nil
		}
		all = append(all, occurrences(w.files(from.root, dir), key)...)
	}
	return all
}

func occurrences(files []*file, key string) []found {
	var all []found
	for _, f := range files {
		for _, o := range f.gathered() {
			if o.key == key {
				all = append(all, found{f, o})
			}
		}
	}
	return all
}
