package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// rootMarker is the name of the empty file that makes its folder a schema root.
const rootMarker = "parley.root"

// schemaRoot returns the absolute path of the folder from which the imports of the package in folder start: the
// nearest one upwards that holds parley.root, else the root of the Go module.
func schemaRoot(folder string) (string, error) {
	marked, info := upwards(folder, rootMarker)
	if info != nil && info.Size() > 0 {
		return "", fmt.Errorf("%s is not empty: it only marks its folder, imports start from there", shortPath(filepath.Join(marked, rootMarker)))
	}
	if info != nil {
		return marked, nil
	}
	if module, info := upwards(folder, "go.mod"); info != nil {
		return module, nil
	}
	return "", fmt.Errorf("no folder from which the imports of %s start: name it with -root DIR, or put an empty file %s there", folder, rootMarker)
}

// runtimeBelow returns the path of the package below a schema root that is the runtime's own, "" if it is none of them:
// Parley's module has it.
func runtimeBelow(root fs.FS) string {
	content, err := fs.ReadFile(root, "go.mod")
	if err != nil || modfile.ModulePath(content) != parleyModule {
		return ""
	}
	return "runtime"
}

// importPath returns the Go import path of the absolute folder, which need not exist.
func importPath(folder string) (string, error) {
	root, info := upwards(folder, "go.mod")
	if info == nil {
		return "", fmt.Errorf("no go.mod in or above the output folder %s: run «go mod init», or name a folder of a Go module with -out DIR", shortPath(folder))
	}
	file := filepath.Join(root, "go.mod")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	module := modfile.ModulePath(content)
	if module == "" {
		return "", fmt.Errorf("%s names no module: its first line is to be «module path/of/module»", shortPath(file))
	}
	below, err := filepath.Rel(root, folder)
	return path.Join(module, filepath.ToSlash(below)), err
}

// upwards returns the nearest folder, from the given one upwards, that holds a file of that name. Its info is nil
// if there is none.
func upwards(folder, name string) (string, fs.FileInfo) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", nil
	}
	for {
		info, err := os.Stat(filepath.Join(folder, name))
		if err == nil && info.Mode().IsRegular() {
			return folder, info
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", nil
		}
		folder = parent
	}
}

// below returns the path of folder inside the absolute folder root, with slashes, and whether it is there.
func below(root, folder string) (string, bool) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", false
	}
	inside, err := filepath.Rel(root, folder)
	return filepath.ToSlash(inside), err == nil && filepath.IsLocal(inside)
}

// shortPath returns file relative to the working folder, unless that is longer.
func shortPath(file string) string {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	here, err := os.Getwd()
	if err != nil {
		return absolute
	}
	relative, err := filepath.Rel(here, absolute)
	if err != nil || len(relative) > len(absolute) {
		return absolute
	}
	return relative
}
