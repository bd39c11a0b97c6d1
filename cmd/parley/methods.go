package main

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/cmd/parley/remote"
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

// selectMethods returns the methods that names stand for, each once, in the order of the services. Without names it is
// all methods.
func selectMethods(d *remote.Description, names []string) ([]*idl.Method, error) {
	var selected []*idl.Method
	used := map[string]string{} // what each name stands for
	for _, m := range methodsOf(d) {
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
			return nil, noSuchMethod(d, name)
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

// methodsOf returns the methods of all services.
func methodsOf(d *remote.Description) []*idl.Method {
	var methods []*idl.Method
	for _, s := range d.Services {
		methods = append(methods, s.Methods...)
	}
	return methods
}

// noSuchMethod returns the error for a name that stands for nothing.
func noSuchMethod(d *remote.Description, name string) error {
	var there []string
	for _, m := range methodsOf(d) {
		there = append(there, m.Service.Name, m.Service.Name+"."+m.Name)
	}
	slices.Sort(there)
	if near := syntax.Nearest(name, slices.Compact(there)); near != "" {
		return usagef("there is no service or method %q, did you mean %s?", name, near)
	}
	return usagef("there is no service or method %q in these packages: name them behind it, or ./... for all below the current folder", name)
}

// completeMethods returns the methods of the server, or else of the packages named so far, of all below the current folder
// if none are, and packages where a name begins like one.
func (s *source) completeMethods(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var packages []string
	if s.target.Address == "" {
		packages, _ = completePackages(c, args, typed)
	}
	_, patterns := splitNames(args)
	d, err := s.completion(c.Context(), patterns)
	if err != nil {
		return packages, cobra.ShellCompDirectiveNoFileComp
	}
	return append(methodCompletions(d, typed), packages...), cobra.ShellCompDirectiveNoFileComp
}

// completeTypes returns what -type may name.
func (s *source) completeTypes(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	d, err := s.completion(c.Context(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, decl := range typesOf(d.Schema) {
		names = append(names, declCompletion(decl.Base()))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
