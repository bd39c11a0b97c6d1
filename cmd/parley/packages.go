package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// expand returns the folders that patterns stand for, sorted, each once, relative when the pattern is.
// Its error names every pattern that stands for nothing.
func expand(patterns []string) ([]string, error) {
	var folders []string
	var errs []error
	for _, pattern := range patterns {
		found, err := matches(pattern)
		folders = append(folders, found...)
		errs = append(errs, err)
	}
	slices.Sort(folders)
	return slices.Compact(folders), errors.Join(errs...)
}

// matches returns the packages that one pattern stands for, at least one if the error is nil.
func matches(pattern string) ([]string, error) {
	if !strings.Contains(pattern, "...") {
		return named(pattern)
	}
	folders, err := walk(pattern)
	if err == nil && len(folders) == 0 {
		err = usagef("the pattern %q matches no folder with .parley files", pattern)
	}
	return folders, err
}

// named returns the one folder that is called name.
func named(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	switch info, statErr := os.Stat(name); {
	case statErr != nil:
		return nil, usagef("there is no folder %q", name)
	case !info.IsDir():
		return nil, usagef("%q is a file: name its folder", name)
	case err != nil:
		return nil, err
	case !slices.ContainsFunc(entries, idl.IsSource):
		return nil, usagef("the folder %q holds no .parley files: name one that does, or %s/... for all below it", name, strings.TrimSuffix(name, "/"))
	}
	return []string{filepath.Clean(name)}, nil
}

// walk returns the folders with .parley files that match a pattern with dots in it. Those that skipped reports are
// left out with all that is in them, but not the folder where the walk begins: that one was named.
func walk(pattern string) ([]string, error) {
	pattern = path.Clean(filepath.ToSlash(pattern))
	fixed, _, _ := strings.Cut(pattern, "...")
	start := filepath.FromSlash(path.Dir(fixed + "x")) // the part before the last slash
	expression := patternExpression(pattern)

	var folders []string
	err := filepath.WalkDir(start, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == start:
			return usagef("there is no folder %q", start)
		case err != nil:
			return err
		case entry.IsDir() && name != start && skipped(name):
			return fs.SkipDir
		case idl.IsSource(entry) && expression.MatchString(filepath.ToSlash(filepath.Dir(name))):
			folders = append(folders, filepath.Dir(name))
		}
		return nil
	})
	return folders, err
}

// patternExpression returns what the slash-separated folders that match pattern have in common: ... is any text, and
// none at all, with the slash before it, at the end of the pattern.
func patternExpression(pattern string) *regexp.Regexp {
	text := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	if start, ok := strings.CutSuffix(text, "/.*"); ok {
		text = start + "(/.*)?"
	}
	return regexp.MustCompile("^" + text + "$")
}

// skipped reports whether patterns pass over a folder, as the go command does.
func skipped(folder string) bool {
	if skippedName(filepath.Base(folder)) {
		return true
	}
	_, err := os.Stat(filepath.Join(folder, "go.mod")) // another module
	return err == nil
}

// skippedName reports whether patterns pass over all folders of that name.
func skippedName(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
		name == "testdata" || name == "vendor" || name == "node_modules"
}
