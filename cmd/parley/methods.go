package main

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
)

// nameForm matches the name of a service or a method, with or without that of its package.
var nameForm = regexp.MustCompile(`^([A-Za-z0-9][-A-Za-z0-9._~/]*\.)?[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)?$`)

// splitNames tells the names of services and methods in args from packages. What is a folder is a package.
func splitNames(args []string) (names, patterns []string) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if nameForm.MatchString(arg) && (err != nil || !info.IsDir()) {
			names = append(names, arg)
		} else {
			patterns = append(patterns, arg)
		}
	}
	return names, patterns
}

// selectMethods returns the methods of schema that names stand for, each once, in the order of the source. Without
// names it is all methods of the packages that were named.
func selectMethods(schema *idl.Schema, names []string) ([]*idl.Method, error) {
	var selected []*idl.Method
	used := map[string]string{} // what each name stands for
	for _, m := range methodsOf(schema) {
		service := m.Service.FullName()
		wanted := len(names) == 0
		for _, name := range names {
			for _, full := range []string{service, service + "." + m.Name} {
				if !standsFor(name, full) {
					continue
				}
				if used[name] != "" && used[name] != full {
					return nil, usagef("%q is %s and %s: name its package too", name, used[name], full)
				}
				used[name], wanted = full, true
			}
		}
		if wanted {
			selected = append(selected, m)
		}
	}
	for _, name := range names {
		if used[name] == "" {
			return nil, noSuchMethod(schema, name)
		}
	}
	if len(selected) == 0 {
		return nil, usagef("the packages have no methods: name others, or ./... for all below the current folder")
	}
	return selected, nil
}

// standsFor reports whether name is all of the full name, or what stands in it behind a package's path or a part of one.
func standsFor(name, full string) bool {
	rest, ok := strings.CutSuffix(full, name)
	return ok && (rest == "" || strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, ".") && !nameForm.MatchString(rest[:len(rest)-1]))
}

// methodsOf returns the methods of the packages that were named.
func methodsOf(schema *idl.Schema) []*idl.Method {
	var methods []*idl.Method
	for _, p := range schema.Packages {
		for d := range p.Decls() {
			if s, ok := d.(*idl.Service); ok && p.Named {
				methods = append(methods, s.Methods...)
			}
		}
	}
	return methods
}

// noSuchMethod returns the error for a name that stands for nothing.
func noSuchMethod(schema *idl.Schema, name string) error {
	var there []string
	for _, m := range methodsOf(schema) {
		there = append(there, m.Service.Name, m.Service.Name+"."+m.Name)
	}
	slices.Sort(there)
	if near := syntax.Nearest(name, slices.Compact(there)); near != "" {
		return usagef("there is no service or method %q, did you mean %s?", name, near)
	}
	return usagef("there is no service or method %q in these packages: name them behind it, or ./... for all below the current folder", name)
}

// completeMethods returns the methods of the packages named so far, of all below the current folder if none are, and
// packages where a name begins like one.
func completeMethods(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	packages, directive := completePackages(c, args, typed)
	_, patterns := splitNames(args)
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	schema, err := loader{}.loadOne(patterns)
	if err != nil {
		return packages, directive
	}
	var names []string
	for _, m := range methodsOf(schema) {
		if name := m.Service.Name + "." + m.Name; strings.HasPrefix(name, typed) {
			names = append(names, name)
		}
	}
	return append(names, packages...), directive
}
