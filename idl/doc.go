// Package idl is the Parley language: it loads the .parley files of packages into a Schema, with every name resolved
// and every rule checked. README.md beside this file teaches the language.
//
// [Load] is the way in. What it returns is read only:
//
//	Schema ─ Package ─ File ─ Decl: Const, Enum (EnumValue), Struct (Field), Union (Case), Error (Field),
//	                                Service (Method: Field)
//
// Each of them embeds [Common]: its name, doc comment and place. A [Type] is a tree whose leaves are builtin types
// or declarations. [Package.Decls], [Members], [Types] and [Type.All] walk it all.
//
// Package syntax below this one has the parser with its positions and comments, package format the canonical printer.
// Package lint looks at what a schema had better say otherwise, package breaking at what a change of it breaks.
// Mistakes are [syntax.Diagnostic] values: what is wrong, where, and what to do about it.
//
// A run of Load takes four steps: load.go reads and parses packages, imports.go follows what they import;
// declare.go enters all names; members.go, service.go and resolve.go resolve what is said about each;
// recursion.go looks at how structs hold each other.
package idl
