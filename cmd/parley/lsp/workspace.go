package lsp

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// A file is one .parley file with some text. It does not change.
type file struct {
	path string // absolute
	root string // the schema root, absolute
	dir  string // its folder, which is its package's path, below root and with slashes
	text *text

	parsed   func() parsed
	gathered func() []occurrence // see uses.go
}

// A parsed is what the parser says about a file.
type parsed struct {
	tree    *syntax.File
	damaged bool // has syntax errors
}

func (f *file) tree() *syntax.File { return f.parsed().tree }

// name returns the file's path below its root.
func (f *file) name() string { return path.Join(f.dir, filepath.Base(f.path)) }

// A disk is what was read of the file system. Any number of goroutines may use it at once.
type disk struct {
	options Options

	mu      sync.Mutex
	files   map[string]*file    // by path; kept as long as the text is the same
	folders map[string][]*file  // by absolute path, until forget
	walks   map[string][]string // the folders with .parley files below a root, until forget
	roots   map[string]string   // by folder, until forget
}

func newDisk(options Options) *disk {
	d := &disk{options: options, files: map[string]*file{}}
	d.forget()
	return d
}

// forget makes d look at the file system anew: it may have changed.
func (d *disk) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.folders, d.walks, d.roots = map[string][]*file{}, map[string][]string{}, map[string]string{}
}

// newFile returns the file at path as it is with that text.
func (d *disk) newFile(path, raw string) *file {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.file(path, raw)
}

// file is newFile; d.mu is held.
func (d *disk) file(name, raw string) *file {
	f := &file{path: name, root: d.root(filepath.Dir(name)), text: newText(raw)}
	if below, err := filepath.Rel(f.root, filepath.Dir(name)); err == nil {
		f.dir = filepath.ToSlash(below)
	}
	f.parsed = sync.OnceValue(func() parsed {
		tree, mistakes := syntax.Parse(f.name(), f.text.source())
		return parsed{tree, len(mistakes) > 0}
	})
	f.gathered = sync.OnceValue(func() []occurrence { return gather(f) })
	return f
}

// root returns the schema root of a folder: where there is none the folder above, so that a package without a home
// can be worked on, too. What is wrong with the root, diagnostics say. d.mu is held.
func (d *disk) root(folder string) string {
	root, ok := d.roots[folder]
	if !ok {
		var err error
		if root, err = d.options.Root(folder); err != nil {
			root = filepath.Dir(folder)
		}
		d.roots[folder] = root
	}
	return root
}

// folder returns the .parley files of a folder, none if it cannot be read.
func (d *disk) folder(dir string) []*file {
	d.mu.Lock()
	defer d.mu.Unlock()
	files, known := d.folders[dir]
	if known {
		return files
	}
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if !idl.IsSource(entry) {
			continue
		}
		name := filepath.Join(dir, entry.Name())
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		f := d.files[name]
		if f == nil || f.text.raw != string(content) || f.root != d.root(dir) {
			f = d.file(name, string(content))
			d.files[name] = f
		}
		files = append(files, f)
	}
	d.folders[dir] = files
	return files
}

// walk returns the folders below root that hold .parley files, but for those that Options.Skip names.
func (d *disk) walk(root string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	folders, known := d.walks[root]
	if known {
		return folders
	}
	_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir // what cannot be read holds no packages
		case entry.IsDir() && name != root && d.options.Skip(name):
			return fs.SkipDir
		case idl.IsSource(entry):
			folders = append(folders, filepath.Dir(name))
		}
		return nil
	})
	d.walks[root] = folders
	return folders
}

// A snapshot is the workspace at one moment: the open documents, and the disk behind them.
type snapshot struct {
	documents map[string]*document // by path
	disk      *disk
	encoding  encoding
}

// file returns an open document's file, or nil.
func (w *snapshot) file(uri string) *file {
	if d := w.documents[pathOf(uri)]; d != nil {
		return d.file
	}
	return nil
}

// files returns the files of the package with that path below root.
func (w *snapshot) files(root, dir string) []*file {
	folder := filepath.Join(root, filepath.FromSlash(dir))
	files := slices.Clone(w.disk.folder(folder))
	for _, d := range w.sorted() {
		if filepath.Dir(d.path) != folder || !isSource(d.path) {
			continue
		}
		if i := slices.IndexFunc(files, func(f *file) bool { return f.path == d.path }); i >= 0 {
			files[i] = d.file
		} else {
			files = append(files, d.file)
		}
	}
	return files
}

// isSource reports whether a file of that name belongs to its folder's package.
func isSource(name string) bool {
	return idl.IsSource(fs.FileInfoToDirEntry(overlayInfo{name: filepath.Base(name)}))
}

// sorted returns the open documents in the order of their paths.
func (w *snapshot) sorted() []*document {
	var all []*document
	for _, name := range slices.Sorted(maps.Keys(w.documents)) {
		all = append(all, w.documents[name])
	}
	return all
}

// packages returns the paths of all packages below root.
func (w *snapshot) packages(root string) []string {
	var paths []string
	for _, folder := range w.disk.walk(root) {
		if below, err := filepath.Rel(root, folder); err == nil {
			paths = append(paths, filepath.ToSlash(below))
		}
	}
	for _, d := range w.documents {
		if d.root == root && isSource(d.path) {
			paths = append(paths, d.dir)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// affected returns the packages below root that may have other mistakes when those named change: they and all that
// import them, however far.
func (w *snapshot) affected(root string, named []string) []string {
	importers := map[string][]string{}
	for _, dir := range w.packages(root) {
		for _, f := range w.files(root, dir) {
			for _, i := range f.tree().Imports {
				importers[i.Path.Unquote()] = append(importers[i.Path.Unquote()], dir)
			}
		}
	}
	seen := map[string]bool{}
	for todo := slices.Clone(named); len(todo) > 0; {
		dir := todo[0]
		todo = todo[1:]
		if !seen[dir] {
			seen[dir] = true
			todo = append(todo, importers[dir]...)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// overlay returns what package idl reads below root.
func (w *snapshot) overlay(root string) overlay {
	o := overlay{FS: os.DirFS(root), texts: map[string][]byte{}}
	for _, d := range w.documents {
		if d.root == root {
			o.texts[d.name()] = d.text.source()
		}
	}
	return o
}

// uri returns the URI of a file, as the editor wrote it if it has the file open.
func (w *snapshot) uri(path string) string {
	if d := w.documents[path]; d != nil {
		return d.uri
	}
	return uriOf(path)
}

// location returns where a piece of f is.
func (w *snapshot) location(f *file, start, end syntax.Pos) Location {
	return Location{w.uri(f.path), f.text.rangeOf(start, end, w.encoding)}
}
