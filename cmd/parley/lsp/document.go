package lsp

import (
	"maps"
	"net/url"
	"path/filepath"
	"strings"
)

// A document is a file that the editor has open: its text counts, whatever the disk holds. It does not change.
type document struct {
	uri     string // as the editor wrote it
	version int
	*file
}

// opened takes a document that the editor opened.
func (s *server) opened(p documentParams) {
	s.disk.forget()
	if path := pathOf(p.TextDocument.URI); path != "" {
		s.setDocument(path, &document{p.TextDocument.URI, p.TextDocument.Version, s.disk.newFile(path, p.TextDocument.Text)})
	}
}

// changed applies changes to an open document, one after the other.
func (s *server) changed(p changeParams) {
	path := pathOf(p.TextDocument.URI)
	old := s.documents[path]
	if old == nil {
		return // it was never opened, or is none of the file system
	}
	t := old.text
	for _, c := range p.ContentChanges {
		t = newText(apply(t, c, s.encoding))
	}
	s.setDocument(path, &document{old.uri, p.TextDocument.Version, s.disk.newFile(path, t.raw)})
}

// apply returns what a change makes of t. A range that ends before it begins is one without text.
func apply(t *text, c change, enc encoding) string {
	if c.Range == nil {
		return c.Text
	}
	start := t.offset(c.Range.Start, enc)
	end := max(start, t.offset(c.Range.End, enc))
	return t.raw[:start] + c.Text + t.raw[end:]
}

// closed forgets a document: what the disk holds counts again.
func (s *server) closed(p documentParams) {
	s.setDocument(pathOf(p.TextDocument.URI), nil)
	s.disk.forget()
}

// setDocument replaces the document at path. Snapshots keep the map that they have.
func (s *server) setDocument(path string, d *document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	documents := maps.Clone(s.documents)
	if d == nil {
		delete(documents, path)
	} else {
		documents[path] = d
	}
	s.documents = documents
}

// pathOf returns the absolute path that a URI names, or "" if it is no file's.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // a drive of Windows
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// uriOf returns the URI of an absolute path.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
