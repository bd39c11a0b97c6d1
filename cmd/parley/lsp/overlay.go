package lsp

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// An overlay is a file system with the texts of open documents in front of it. They may stand in folders that are not
// there yet.
type overlay struct {
	fs.FS
	texts map[string][]byte // by path
}

// Open opens a file or folder. A folder does not show what is only in front of it: ReadDir does.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.texts[name]; ok {
		return &openText{Reader: strings.NewReader(string(text)), info: o.info(name)}, nil
	}
	return o.FS.Open(name)
}

// ReadFile returns what a file holds. The caller must not change it.
func (o overlay) ReadFile(name string) ([]byte, error) {
	if text, ok := o.texts[name]; ok {
		return text, nil
	}
	return fs.ReadFile(o.FS, name)
}

// Stat describes a file or folder.
func (o overlay) Stat(name string) (fs.FileInfo, error) {
	if _, ok := o.texts[name]; ok {
		return o.info(name), nil
	}
	info, err := fs.Stat(o.FS, name)
	if err != nil && len(o.below(name)) > 0 {
		return overlayInfo{name: path.Base(name), mode: fs.ModeDir}, nil
	}
	return info, err
}

// ReadDir lists a folder, in the order of names.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	added := o.below(name)
	if err != nil && len(added) == 0 {
		return nil, err
	}
	for _, entry := range added {
		i, there := slices.BinarySearchFunc(entries, entry.Name(), func(e fs.DirEntry, name string) int {
			return strings.Compare(e.Name(), name)
		})
		if !there {
			entries = slices.Insert(entries, i, entry)
		}
	}
	return entries, nil
}

// below returns entries for the texts in and below a folder.
func (o overlay) below(folder string) []fs.DirEntry {
	var entries []fs.DirEntry
	for name := range o.texts {
		rest, inside := strings.CutPrefix(name, folder+"/")
		if folder == "." {
			rest, inside = name, true
		}
		if !inside {
			continue
		}
		if first, _, deeper := strings.Cut(rest, "/"); deeper {
			entries = append(entries, fs.FileInfoToDirEntry(overlayInfo{name: first, mode: fs.ModeDir}))
		} else {
			entries = append(entries, fs.FileInfoToDirEntry(o.info(name)))
		}
	}
	return entries
}

func (o overlay) info(name string) overlayInfo {
	return overlayInfo{name: path.Base(name), size: int64(len(o.texts[name]))}
}

// An overlayInfo describes a text in front of the file system, or a folder that only such texts are in.
type overlayInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i overlayInfo) Name() string       { return i.name }
func (i overlayInfo) Size() int64        { return i.size }
func (i overlayInfo) Mode() fs.FileMode  { return i.mode }
func (i overlayInfo) ModTime() time.Time { return time.Time{} }
func (i overlayInfo) IsDir() bool        { return i.mode.IsDir() }
func (i overlayInfo) Sys() any           { return nil }

type openText struct {
	io.Reader
	info fs.FileInfo
}

func (t *openText) Stat() (fs.FileInfo, error) { return t.info, nil }
func (t *openText) Close() error               { return nil }
