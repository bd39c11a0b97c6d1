package idl

import (
	"time"

	"github.com/parley-rpc/parley/idl/syntax"
)

// A Schema is a set of packages whose every name is resolved and every rule kept.
// It is not changed after Load has returned it and may be read by any number of goroutines.
type Schema struct {
	Packages []*Package // all that were loaded, each behind what it imports
}

// Package returns the package with the given root-relative path, or nil.
func (s *Schema) Package(path string) *Package {
	for _, p := range s.Packages {
		if p.Path == path {
			return p
		}
	}
	return nil
}

// A Package is one folder of .parley files.
type Package struct {
	Path    string // root-relative, with slashes: "justchat/room"
	Name    string // its last element
	Doc     string // the files' package comments, joined by blank lines
	Named   bool   // whether it was named to Load, rather than only imported
	Files   []*File
	Imports []*Package // of all its files, each once, in order of their paths

	scope map[string]Decl
}

// Lookup returns the declaration of that name in p, or nil.
func (p *Package) Lookup(name string) Decl { return p.scope[name] }

// A File is one .parley file of a package.
type File struct {
	Package *Package
	Name    string // without its folder: "room.parley"
	Syntax  *syntax.File
	Decls   []Decl // in the order of the source
}

// A Decl is a declaration: *Const, *Enum, *Struct, *Union, *Error or *Service.
type Decl interface {
	Base() *Common
}

// Common is what every declared thing has, the members of declarations too.
type Common struct {
	Name       string
	Doc        string // the comment straight above, without slashes; "" if there is none
	Deprecated string // what to use instead, "" if it is not deprecated
	File       *File
	Pos        syntax.Pos // of its name
}

// Base returns c itself, so that whatever embeds it is a Decl.
func (c *Common) Base() *Common { return c }

// Position returns where the thing is named.
func (c *Common) Position() syntax.Position { return c.File.Syntax.Position(c.Pos) }

// FullName returns the name that the thing has on the wire and in messages: the package's path, a dot, its name.
func (c *Common) FullName() string { return c.File.Package.Path + "." + c.Name }

// A Const is an untyped constant.
type Const struct {
	Common
	Value any    // int64, uint64 (above the largest int64), float64, bool or string
	Text  string // as it was written, with quotes and sign
}

// An Enum is a set of named numbers.
type Enum struct {
	Common
	Values   []*EnumValue // in the order of the source
	Reserved []uint16
}

// An EnumValue is one named number of an Enum.
type EnumValue struct {
	Common
	Number uint16
}

// A Struct is a record whose fields are only ever appended.
type Struct struct {
	Common
	Fields []*Field // in the order of the source, which is the order on the wire
}

// A Field is a field of a struct or an error, a parameter, or a result.
type Field struct {
	Common // Name is "_" for a removed field
	Type   *Type
}

// Removed reports whether the field only keeps its place on the wire.
func (f *Field) Removed() bool { return f.Name == "_" }

// A Union holds one of its cases, or none.
type Union struct {
	Common
	Cases    []*Case // in the order of the source
	Reserved []uint16
}

// A Case is one case of a Union.
type Case struct {
	Common
	Tag  uint16
	Type *Type
}

// An Error is what a method may throw.
type Error struct {
	Common
	Text   []TextPart
	Code   string // not_found and the like; "unknown" unless @code says otherwise
	Fields []*Field
}

// A TextPart is a piece of an error's text: Literal, or the value of Field.
type TextPart struct {
	Literal string
	Field   *Field // nil in a literal part
}

// A Service is a set of methods that one value implements.
type Service struct {
	Common
	Number   uint8
	Classic  bool
	Methods  []*Method // in the order of the source
	Reserved []uint8
}

// A Method is one call of a Service.
type Method struct {
	Common
	Service      *Service
	Number       uint8
	Params       []*Field // without the stream
	Results      []*Field // without the stream
	ParamStream  *Field   // the last parameter if it is a stream, its Type the element's; else nil
	ResultStream *Field   // the only result if it is a stream, its Type the element's; else nil
	Throws       []*Error
	Idempotent   bool
	Borrowed     bool
	Lent         []*Field      // of a Borrowed method: its parameters and streams with bytes in them, at any depth
	Timeout      time.Duration // 0 if there is none
}

// WireType returns the number that stands for the method on the wire.
func (m *Method) WireType() uint16 { return uint16(m.Service.Number)<<8 | uint16(m.Number) }

// A Kind says what a Type is.
type Kind int

// The kinds of types.
const (
	Bool Kind = iota
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	String
	Bytes
	Time
	Duration
	List     // Elem
	Map      // Key, Elem
	Optional // Elem
	Named    // Decl: *Enum, *Struct or *Union
)

// A Type is a resolved type.
type Type struct {
	Kind Kind
	Key  *Type // Map
	Elem *Type // List, Map, Optional
	Decl Decl  // Named: *Enum, *Struct or *Union, in any loaded package
}
