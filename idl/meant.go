package idl

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// habits are names of other languages, Go first, with what they are called here, or with a word of advice.
var habits = map[string]string{
	"int":       "int64",
	"uint":      "uint64",
	"uintptr":   "uint64",
	"byte":      "uint8",
	"rune":      "int32",
	"float":     "float64",
	"double":    "float64",
	"boolean":   "bool",
	"timestamp": "time",
	"any":       "a union holds one of several types",
	"error":     "a method names its errors behind throws",
	"stream":    "a stream names the type of its items, as in: lines stream string",
}

// hintName proposes a name for one that nobody declares.
func (s *source) hintName(name string, wanted func(Decl) bool) string {
	types := wanted(&Struct{})
	if meant := habits[name]; strings.Contains(meant, " ") {
		return meant
	} else if meant != "" && types {
		return "did you mean " + meant + "?"
	}
	if !s.checker.proposes() {
		return ""
	}
	candidates := names(s.Package, wanted)
	if types {
		candidates = slices.AppendSeq(candidates, maps.Keys(builtins))
		slices.Sort(candidates)
	}
	if meant := syntax.Nearest(name, candidates); meant != "" {
		return "did you mean " + meant + "?"
	}
	for _, qualifier := range s.qualifiers() {
		if i := s.imports[qualifier]; i.unit != nil {
			if meant := syntax.Nearest(name, names(i.unit.Package, wanted)); meant != "" {
				return "did you mean " + qualifier + "." + meant + "?"
			}
		}
	}
	return ""
}

// hintQualified proposes another name of the package for t, which that does not declare.
func (s *source) hintQualified(t *syntax.Type, wanted func(Decl) bool) string {
	if !s.checker.proposes() {
		return ""
	}
	if meant := syntax.Nearest(t.Name.Name, names(s.imports[t.Package.Name].unit.Package, wanted)); meant != "" {
		return "did you mean " + t.Package.Name + "." + meant + "?"
	}
	return ""
}

// hintQualifier proposes the import that would make t mean something, or what else t was meant to be.
func (s *source) hintQualifier(t *syntax.Type) string {
	switch t.String() {
	case "time.Time":
		return "did you mean time?"
	case "time.Duration":
		return "did you mean duration?"
	}
	if !s.checker.proposes() {
		return ""
	}
	qualifier := t.Package.Name
	for _, u := range s.checker.order {
		if u.Name == qualifier {
			return "import " + strconv.Quote(u.Path)
		}
	}
	for _, dir := range []string{path.Join(path.Dir(s.Package.Path), qualifier), path.Join(s.Package.Path, qualifier), qualifier} {
		if s.checker.holdsPackage(dir) {
			return "import " + strconv.Quote(dir)
		}
	}
	if meant := syntax.Nearest(qualifier, s.qualifiers()); meant != "" {
		return "did you mean " + meant + "." + t.Name.Name + "?"
	}
	return ""
}

// qualifiers returns what the imports of s are called there, sorted.
func (s *source) qualifiers() []string { return slices.Sorted(maps.Keys(s.imports)) }

// names returns the sorted names of what p declares and wanted accepts.
func names(p *Package, wanted func(Decl) bool) []string {
	var names []string
	for name, decl := range p.scope {
		if wanted(decl) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// proposes reports whether one more mistake of the run shall be compared with all names that could have been meant.
// There is no use in doing so for thousands, and it would take its time.
func (c *checker) proposes() bool {
	const most = 100
	c.proposals++
	return c.proposals <= most
}

// listing returns prefix and the names, the first few of many, or "" if there are none.
func listing(prefix string, names []string) string {
	const most = 8
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		return prefix + strings.Join(names[:most], ", ") + ", …"
	}
	return prefix + strings.Join(names, ", ")
}
