package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"golang.org/x/tools/txtar"
)

// gitSchema loads the packages of a git revision: those below FOLDER, relative to the current one, of REVISION:FOLDER, or
// below root inside of that. It reads the repository's objects and leaves the checkout alone.
func gitSchema(ctx context.Context, spec, root string) (*idl.Schema, error) {
	revision, folder, _ := strings.Cut(spec, ":")
	if revision == "" || strings.HasPrefix(revision, "-") {
		return nil, usagef("git:%s names no revision: write git:v1.2.0, or git:v1.2.0:FOLDER", spec)
	}
	here, err := git(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	top := path.Join(strings.TrimSpace(string(here)), folder)
	if top == "" {
		top = "."
	}
	if !fs.ValidPath(top) {
		return nil, usagef("git:%s: the folder %q is outside of the repository", spec, folder)
	}
	commit, err := git(ctx, nil, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err != nil {
		return nil, usagef("git has no revision %q here; if it is on a remote only, fetch it first", revision)
	}
	archive, err := gitSources(ctx, strings.TrimSpace(string(commit)))
	if err != nil {
		return nil, fmt.Errorf("git:%s: %w", revision, err)
	}
	files, err := txtar.FS(archive)
	if err != nil {
		return nil, err
	}
	return loadFrom(files, "git:"+revision, top, root)
}

// git runs git in the current folder and returns what it prints.
func git(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, "git", args...)
	command.Stdin, command.Stderr = stdin, &stderr
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && stderr.Len() > 0 {
		message, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("git %s: %s", args[0], strings.TrimPrefix(message, "fatal: "))
	} else if ok {
		return nil, fmt.Errorf("git %s: %w", args[0], exit)
	}
	return out, err
}

// gitSources returns all files of a commit that say something about schemas: sources and what marks their roots.
func gitSources(ctx context.Context, commit string) (*txtar.Archive, error) {
	list, err := git(ctx, nil, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	archive := &txtar.Archive{}
	var objects strings.Builder
	for line := range strings.SplitSeq(string(list), "\x00") {
		info, name, _ := strings.Cut(line, "\t") // 100644 blob 8f3a… TAB chat/chat.parley
		words := strings.Fields(info)
		base := path.Base(name)
		if len(words) != 3 || !strings.HasPrefix(words[0], "100") || base != "go.mod" && base != rootMarker && path.Ext(base) != idl.Extension {
			continue // symbolic links and submodules, too
		}
		if !fs.ValidPath(name) {
			return nil, fmt.Errorf("the file name %q is not UTF-8: rename it", name)
		}
		archive.Files = append(archive.Files, txtar.File{Name: name})
		objects.WriteString(words[2] + "\n")
	}
	contents, err := git(ctx, strings.NewReader(objects.String()), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(bytes.NewReader(contents))
	for i := range archive.Files {
		var object, kind string
		var size int
		if _, err := fmt.Fscanf(r, "%s %s %d\n", &object, &kind, &size); err != nil {
			return nil, fmt.Errorf("git cat-file: %s: %w", archive.Files[i].Name, err)
		}
		data := make([]byte, size+1) // and a line end
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, fmt.Errorf("git cat-file: %s: %w", archive.Files[i].Name, err)
		}
		archive.Files[i].Data = data[:size]
	}
	return archive, nil
}

// loadFrom loads the packages of files that are in or below the folder top, as folderSchema does on disk. Messages call
// files name.
func loadFrom(files fs.FS, name, top, root string) (*idl.Schema, error) {
	start := path.Join(top, root)
	if info, err := fs.Stat(files, start); err != nil || !info.IsDir() {
		return nil, usagef("%s has no .parley files in or below the folder %q", name, start)
	}
	folders, err := packagesOf(files, start)
	if err != nil {
		return nil, err
	}
	if len(folders) == 0 {
		return nil, usagef("%s has no .parley files in or below the folder %q", name, start)
	}
	schemaRoot := start
	if root == "" {
		if schemaRoot, err = commonRoot(files, name, folders); err != nil {
			return nil, err
		}
	}
	if schemaRoot != "." {
		name += ":" + schemaRoot
	}
	for i, folder := range folders {
		folders[i] = path.Clean("./" + strings.TrimPrefix(folder, schemaRoot))
	}
	below, err := fs.Sub(files, schemaRoot)
	if err != nil {
		return nil, err
	}
	return idl.Load(idl.Root{FS: below, Name: name, Runtime: runtimeBelow(below)}, folders...)
}

// commonRoot returns the schema root that all folders have.
func commonRoot(files fs.FS, name string, folders []string) (string, error) {
	common := ""
	for _, folder := range folders {
		own := rootIn(files, folder)
		switch {
		case own == "":
			return "", usagef("%s: no folder from which the imports of %s start: name it with -root DIR", name, folder)
		case common != "" && own != common:
			return "", errRoots(name, common, own)
		}
		common = own
	}
	return common, nil
}

// packagesOf returns the folders with sources in and below start that a pattern finds, too.
func packagesOf(files fs.FS, start string) ([]string, error) {
	var folders []string
	err := fs.WalkDir(files, start, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != start && (skippedName(path.Base(name)) || exists(files, path.Join(name, "go.mod"))):
			return fs.SkipDir
		case idl.IsSource(entry):
			folders = append(folders, path.Dir(name))
		}
		return nil
	})
	slices.Sort(folders)
	return slices.Compact(folders), err
}

// rootIn returns the schema root of a folder as schemaRoot does on disk, or "" if it has none.
func rootIn(files fs.FS, folder string) string {
	for _, marker := range []string{rootMarker, "go.mod"} {
		for at := folder; ; at = path.Dir(at) {
			if exists(files, path.Join(at, marker)) {
				return at
			}
			if at == "." {
				break
			}
		}
	}
	return ""
}

func exists(files fs.FS, name string) bool {
	_, err := fs.Stat(files, name)
	return err == nil
}
