package lsp

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/lint"
	"github.com/parley-rpc/parley/idl/syntax"
)

// A finding is what is wrong with files, by their absolute paths.
type finding map[string][]Diagnostic

// diagnose tells the editor what is wrong, each time that something has changed, until ctx is done. While it looks, further
// changes become one, so that it never falls behind.
func (s *server) diagnose(ctx context.Context) {
	published := map[string]publishParams{} // by URI
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.dirty:
			w := s.snapshot()
			s.publish(ctx, w, s.find(w), published)
		}
	}
}

// find returns all that is wrong in w.
func (s *server) find(w *snapshot) (found finding) {
	defer s.guard(func(string) {})
	return w.check()
}

// publish tells the editor what is wrong with files where that is not what it was told last.
func (s *server) publish(ctx context.Context, w *snapshot, found finding, published map[string]publishParams) {
	next := map[string]publishParams{}
	for path, diagnostics := range found {
		p := publishParams{URI: w.uri(path), Diagnostics: diagnostics}
		if d := w.documents[path]; d != nil {
			p.Version = &d.version
		}
		next[p.URI] = p
	}
	for uri := range published {
		if _, ok := next[uri]; !ok {
			next[uri] = publishParams{URI: uri, Diagnostics: []Diagnostic{}}
		}
	}
	for _, uri := range slices.Sorted(maps.Keys(next)) {
		p := next[uri]
		if reflect.DeepEqual(p, published[uri]) {
			continue
		}
		_ = s.conn.Notify(ctx, "textDocument/publishDiagnostics", p) // an editor that is gone needs none
		if len(p.Diagnostics) == 0 && w.documents[pathOf(uri)] == nil {
			delete(published, uri)
		} else {
			published[uri] = p
		}
	}
}

// check returns what is wrong with all packages of which a document is open, and with those that import them; and the
// mistakes of those that they import. Open documents without any are in it too.
func (w *snapshot) check() finding {
	found := finding{}
	open := map[string][]string{} // packages by root
	for _, d := range w.sorted() {
		found[d.path] = []Diagnostic{}
		if isSource(d.path) {
			open[d.root] = append(open[d.root], d.dir)
		}
		if _, err := w.disk.options.Root(filepath.Dir(d.path)); err != nil {
			found.add(d.path, w.atTop(d.file, err))
		}
	}
	for root, dirs := range open {
		list, failed := w.load(root, dirs)
		for _, m := range list {
			found.add(filepath.Join(root, filepath.FromSlash(m.File)), w.diagnostic(m))
		}
		for _, d := range w.documents {
			if err := failed[d.dir]; err != nil && d.root == root {
				found.add(d.path, w.atTop(d.file, err))
			}
		}
	}
	return found
}

func (f finding) add(path string, d Diagnostic) { f[path] = append(f[path], d) }

// load returns the mistakes of the packages dirs below root and of those that import them, and what parley lint finds when
// it can look at all of them; and of which packages there is something wrong that no line of them is to blame for.
func (w *snapshot) load(root string, dirs []string) (syntax.ErrorList, map[string]error) {
	overlay := w.overlay(root)
	schema, list, err := w.compile(overlay, w.affected(root, dirs)...)
	if err == nil && schema != nil {
		list = append(list, lint.Check(schema)...)
	}
	if err == nil {
		return list, nil
	}
	var all syntax.ErrorList
	failed := map[string]error{}
	for _, dir := range w.affected(root, dirs) { // one that cannot be read does not hide the others
		_, list, err := w.compile(overlay, dir)
		all = append(all, list...)
		if err != nil {
			failed[dir] = err
		}
	}
	all.Sort()
	return all, failed
}

// compile returns the mistakes of packages, as parley check reports them, and their schema, if the language has it. The
// error is none of the files' text.
func (w *snapshot) compile(files overlay, dirs ...string) (*idl.Schema, syntax.ErrorList, error) {
	schema, err := idl.Load(idl.Root{FS: files, Runtime: w.disk.options.Runtime(files)}, dirs...)
	if list, ok := errors.AsType[syntax.ErrorList](err); ok {
		return nil, list, nil
	} else if err != nil {
		return nil, nil, err
	}
	return schema, gen.Check(schema), nil
}

// diagnostic returns m as the protocol has it. Its line says where it is: the file may have changed since.
func (w *snapshot) diagnostic(m *syntax.Diagnostic) Diagnostic {
	start := min(m.Column-1, len(m.Source))
	end := min(start+m.Width, len(m.Source))
	message := m.Message
	if m.Hint != "" {
		message += "\n" + m.Hint
	}
	severity := severityError
	if m.Rule != "" {
		severity = severityWarning
	}
	return Diagnostic{
		Range: Range{
			Position{m.Line - 1, units(m.Source[:start], w.encoding)},
			Position{m.Line - 1, units(m.Source[:end], w.encoding)},
		},
		Severity: severity,
		Code:     m.Rule,
		Source:   "parley",
		Message:  message,
	}
}

// atTop returns a diagnostic about the whole file, which stands at its package clause.
func (w *snapshot) atTop(f *file, err error) Diagnostic {
	var end syntax.Pos
	if name := f.tree().Ident; name != nil {
		end = name.End()
	}
	start := min(max(f.tree().Package, 0), end)
	return Diagnostic{
		Range:    f.text.rangeOf(start, end, w.encoding),
		Severity: severityError,
		Source:   "parley",
		Message:  err.Error(),
	}
}
