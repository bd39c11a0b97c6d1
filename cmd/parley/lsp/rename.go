package lsp

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// prepareRename answers what would be renamed at a position, or says why nothing can be.
func prepareRename(_ context.Context, w *snapshot, p positionParams) (*prepareResult, error) {
	f, o := w.lookup(p)
	d, err := w.renamed(f, o)
	if err != nil {
		return nil, err
	}
	return &prepareResult{f.text.rangeOf(o.pos, o.end, w.encoding), d.symbol.name}, nil
}

// renamed returns the declaration of what is to be renamed at o, or an error that says why it cannot be.
func (w *snapshot) renamed(f *file, o *occurrence) (*found, error) {
	if o == nil {
		return nil, errors.New("there is no name to be renamed here")
	}
	kind, name, _ := strings.Cut(o.key, " ")
	switch kind {
	case "package":
		return nil, errors.New("a package bears the name of its folder: rename the folder, and then what imports it")
	case "type", "keyword", "annotation", "code":
		return nil, fmt.Errorf("%s is the language's own", name)
	}
	d := w.declaration(f, o.key)
	if d == nil {
		return nil, fmt.Errorf("%q is not declared", f.text.raw[o.pos:o.end])
	}
	return d, nil
}

// identifier is what the parser takes for one name.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// rename answers with the edits that give what stands at a position another name, in all packages of the root. Whether the
// name is a good one package idl says: the edits are tried, and refused if they make a mistake.
func rename(ctx context.Context, w *snapshot, p renameParams) (*WorkspaceEdit, error) {
	f, o := w.lookup(p.positionParams)
	d, err := w.renamed(f, o)
	if err != nil {
		return nil, err
	}
	if !identifier.MatchString(p.NewName) {
		return nil, fmt.Errorf("%q is not a name: names are ASCII letters and digits", p.NewName)
	}
	if p.NewName == d.symbol.name {
		return &WorkspaceEdit{map[string][]TextEdit{}}, nil
	}
	if taken := w.declaration(f, strings.TrimSuffix(o.key, d.symbol.name)+p.NewName); taken != nil {
		at := taken.file.tree().Position(taken.pos)
		return nil, fmt.Errorf("%s %q is there already, on %s:%d", taken.symbol.kind, p.NewName, at.File, at.Line)
	}
	dirs := w.affected(d.file.root, []string{d.file.dir})
	if err := w.undamaged(d.file.root, dirs); err != nil {
		return nil, err
	}
	replaced := map[*file][]replacement{}
	for _, use := range w.uses(ctx, f, o.key) {
		replaced[use.file] = append(replaced[use.file], replace(use, p.NewName))
	}
	replaced[d.file] = append(replaced[d.file], inDoc(d.symbol, p.NewName)...)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := w.try(d.file.root, dirs, replaced); err != nil {
		return nil, fmt.Errorf("%s %q cannot be called %q: %w", d.symbol.kind, d.symbol.name, p.NewName, err)
	}
	edit := &WorkspaceEdit{map[string][]TextEdit{}}
	for f, list := range replaced {
		for _, r := range list {
			edit.Changes[w.uri(f.path)] = append(edit.Changes[w.uri(f.path)], TextEdit{f.text.rangeOf(r.pos, r.end, w.encoding), r.text})
		}
	}
	return edit, nil
}

// undamaged returns an error if a file of the packages has syntax errors: it may hold uses that nobody sees.
func (w *snapshot) undamaged(root string, dirs []string) error {
	for _, dir := range dirs {
		for _, f := range w.files(root, dir) {
			if f.parsed().damaged {
				return fmt.Errorf("%s has syntax errors, which may hide uses of the name: mend them first", f.name())
			}
		}
	}
	return nil
}

// A replacement puts a text in the place of a piece of a file.
type replacement struct {
	pos, end syntax.Pos
	text     string
}

// replace returns the replacement that gives use another name. An import without an alias gets one.
func replace(use found, name string) replacement {
	if use.symbol != nil {
		if i, ok := use.symbol.node.(*syntax.Import); ok && i.Alias == nil {
			return replacement{i.Path.Pos(), i.Path.Pos(), name + " "}
		}
	}
	return replacement{use.pos, use.end, name}
}

// inDoc returns the replacements of the name of s in its doc comment, which begins with it. A name in lowerCamel may be a
// plain word there, and stays.
func inDoc(s *symbol, name string) []replacement {
	if s.doc == nil || !('A' <= s.name[0] && s.name[0] <= 'Z') {
		return nil
	}
	word := regexp.MustCompile(`\b` + s.name + `\b`)
	var list []replacement
	for _, c := range s.doc.List {
		for _, at := range word.FindAllStringIndex(c.Text, -1) {
			list = append(list, replacement{c.Slash + syntax.Pos(at[0]), c.Slash + syntax.Pos(at[1]), name})
		}
	}
	return list
}

// try returns the first mistake that is there only when the replacements are made.
func (w *snapshot) try(root string, dirs []string, replaced map[*file][]replacement) error {
	_, before, err := w.compile(w.overlay(root), dirs...)
	if err != nil {
		return err
	}
	changed := w.overlay(root)
	for f, list := range replaced {
		text := f.text.source()
		slices.SortFunc(list, func(a, b replacement) int { return int(a.pos - b.pos) })
		for _, r := range slices.Backward(list) { // from the end, so that places stay
			text = slices.Replace(text, int(r.pos), int(r.end), []byte(r.text)...)
		}
		changed.texts[f.name()] = text
	}
	_, after, err := w.compile(changed, dirs...)
	if err != nil || len(after) <= len(before) {
		return err
	}
	for _, m := range after {
		if !slices.ContainsFunc(before, func(old *syntax.Diagnostic) bool { return old.Message == m.Message && old.File == m.File }) {
			return fmt.Errorf("%s:%d: %s", filepath.Base(m.File), m.Line, m.Message)
		}
	}
	return errors.New("that makes another mistake")
}
