package gen

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// checkPath reports a package from whose folder Go imports nothing.
func (c *checker) checkPath() {
	reason := ""
	var invalid *module.InvalidPathError
	if slices.Contains(strings.Split(c.pkg.Path, "/"), "vendor") {
		reason = "it lies in a folder vendor"
	} else if errors.As(module.CheckImportPath(c.pkg.Path), &invalid) {
		reason = invalid.Err.Error()
	}
	if reason == "" {
		return
	}
	file := c.pkg.Files[0].Syntax
	*c.errors = append(*c.errors, file.Diagnose(file.Ident.Pos(), file.Ident.End(), "name the folder otherwise",
		"Go does not import package %q: %s", c.pkg.Path, reason))
}

// checkImports reports the imports of packages that lie in a folder internal elsewhere.
func (c *checker) checkImports() {
	for _, f := range c.pkg.Files {
		for _, i := range f.Syntax.Imports {
			path := i.Path.Unquote()
			if parent := internalParent(path); !strings.HasPrefix(c.pkg.Path+"/", parent) {
				*c.errors = append(*c.errors, f.Syntax.Diagnose(i.Path.Pos(), i.Path.End(), "",
					"Go imports %q only below %q", path, strings.TrimSuffix(parent, "/")))
			}
		}
	}
}

// internalParent returns the folder, with a slash behind it, below which the package at path may be imported, or "".
func internalParent(path string) string {
	elements := strings.SplitAfter(path+"/", "/")
	for i, element := range slices.Backward(elements) {
		if element == "internal/" {
			return strings.Join(elements[:i], "")
		}
	}
	return ""
}
