package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
)

// A tree is what was loaded from one schema root.
type tree struct {
	root   string // its absolute path
	schema *idl.Schema
}

// A loader says how packages are loaded.
type loader struct {
	root string // names the schema root; if it is "" each package has its own
}

// load checks the packages that patterns stand for, "." without any, and what they import. All mistakes of all
// packages are one syntax.ErrorList.
func (l loader) load(patterns []string) ([]tree, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	folders, err := expand(patterns)
	if err != nil {
		return nil, err
	}
	packages, err := groupByRoot(l.root, folders)
	if err != nil {
		return nil, err
	}
	var trees []tree
	var mistakes syntax.ErrorList
	for _, root := range slices.Sorted(maps.Keys(packages)) {
		schema, err := loadTree(root, packages[root])
		if list, ok := errors.AsType[syntax.ErrorList](err); ok {
			mistakes = append(mistakes, list...)
		} else if err != nil {
			return nil, fmt.Errorf("schema root %s: %w", shortPath(root), err)
		}
		trees = append(trees, tree{root, schema})
	}
	for _, mistake := range mistakes {
		mistake.File = shortPath(filepath.FromSlash(mistake.File))
	}
	mistakes.Sort()
	return trees, mistakes.Err()
}

// loadOne is load for commands that work on one schema: the packages have to have one schema root.
func (l loader) loadOne(patterns []string) (*idl.Schema, error) {
	trees, err := l.load(patterns)
	if err != nil {
		return nil, err
	}
	if len(trees) > 1 {
		return nil, usagef("the packages have several schema roots (%s, %s): name one with -root DIR, or take them one after the other",
			shortPath(trees[0].root), shortPath(trees[1].root))
	}
	return trees[0].schema, nil
}

// loadTree loads the packages with the given paths below root, and checks that their Go names differ.
func loadTree(root string, paths []string) (*idl.Schema, error) {
	name := filepath.ToSlash(shortPath(root))
	if name == "." {
		name = ""
	}
	files := os.DirFS(root)
	schema, err := idl.Load(idl.Root{FS: files, Name: name, Runtime: runtimeBelow(files)}, paths...)
	if err != nil {
		return nil, err
	}
	return schema, gen.Check(schema).Err()
}

// groupByRoot returns, for each schema root's absolute path, the paths of the packages below it.
func groupByRoot(root string, folders []string) (map[string][]string, error) {
	groups := map[string][]string{}
	for _, folder := range folders {
		own, err := rootOf(root, folder)
		if err != nil {
			return nil, err
		}
		path, ok := below(own, folder)
		if !ok {
			return nil, usagef("%s is outside of the schema root %s: name a root above it with -root DIR", folder, root)
		}
		groups[own] = append(groups[own], path)
	}
	return groups, nil
}

// rootOf returns the absolute path of the schema root that the user named, else of the one that folder has.
func rootOf(root, folder string) (string, error) {
	if root == "" {
		return schemaRoot(folder)
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return "", usagef("there is no folder %q to be the schema root", root)
	}
	return filepath.Abs(root)
}

// rootFlag adds the flag that names the schema root.
func rootFlag(c *cobra.Command, root *string) {
	c.Flags().StringVar(root, "root", "", "imports start from `DIR`; else from the nearest folder upwards with an empty parley.root, else from the Go module")
	_ = c.MarkFlagDirname("root") // it fails only for a flag that is not there
}
