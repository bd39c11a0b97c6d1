package idl

import (
	"iter"
	"slices"
)

// builtins are the types that are always there, by the names that a file calls them.
var builtins = map[string]Kind{}

var kindNames = [...]string{
	Bool: "bool", Int8: "int8", Int16: "int16", Int32: "int32", Int64: "int64",
	Uint8: "uint8", Uint16: "uint16", Uint32: "uint32", Uint64: "uint64",
	Float32: "float32", Float64: "float64", String: "string", Bytes: "bytes",
	Time: "time", Duration: "duration",
	List: "list", Map: "map", Optional: "optional", Named: "named",
}

func init() {
	for kind := Bool; kind <= Duration; kind++ {
		builtins[kindNames[kind]] = kind
	}
}

// Builtins returns the names of the types that are always there, in the order of their Kinds.
func Builtins() []string { return slices.Clone(kindNames[:Duration+1]) }

// String returns the name of the type that k is, or a word for the kinds that are more than a name.
func (k Kind) String() string { return kindNames[k] }

// String returns t as the language writes it, a declared type qualified by its package's name: []member.Member.
func (t *Type) String() string { return t.In(nil) }

// In returns t as a file of p writes it that gives its imports no aliases: names of p itself are not qualified.
func (t *Type) In(p *Package) string {
	switch t.Kind {
	case List:
		return "[]" + t.Elem.In(p)
	case Map:
		return "map[" + t.Key.In(p) + "]" + t.Elem.In(p)
	case Optional:
		return "?" + t.Elem.In(p)
	case Named:
		c := t.Decl.Base()
		if c.File.Package == p {
			return c.Name
		}
		return c.File.Package.Name + "." + c.Name
	}
	return t.Kind.String()
}

// MinSize returns the least number of bytes that a value of type t takes on the wire.
func (t *Type) MinSize() int {
	switch t.Kind {
	case Int16, Uint16, String, Bytes, List, Map: // the last four: a length or count
		return 2
	case Int32, Uint32, Float32:
		return 4
	case Int64, Uint64, Float64, Duration:
		return 8
	case Time:
		return 12
	case Named:
		if _, ok := t.Decl.(*Union); ok {
			return 4 // tag and length
		}
		return 2 // an enum's number, or a struct's length
	}
	return 1 // bool, int8, uint8, and whether an optional is there
}

// All returns t and the types that it is made of, from the outside in, a map's key before its element.
// It does not look into what a declared type is made of.
func (t *Type) All() iter.Seq[*Type] {
	return func(yield func(*Type) bool) { t.walk(yield) }
}

func (t *Type) walk(yield func(*Type) bool) bool {
	return t == nil || yield(t) && t.Key.walk(yield) && t.Elem.walk(yield)
}

// IsKey reports whether t can be the key of a map.
func (t *Type) IsKey() bool {
	return t.isScalar() && !(Float32 <= t.Kind && t.Kind <= Float64 || Bytes <= t.Kind && t.Kind <= Duration)
}

// isScalar reports whether t is a single value: not a list, map, optional, struct or union.
func (t *Type) isScalar() bool {
	if t.Kind == Named {
		_, enum := t.Decl.(*Enum)
		return enum
	}
	return t.Kind <= Duration
}
