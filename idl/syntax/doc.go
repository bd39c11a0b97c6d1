// Package syntax reads .parley files: it turns their text into a tree and reports every mistake with its place.
//
// What it does not know is the meaning of names: whether a type exists, a number is free, an annotation fits.
// That is for the checker, package idl. The tree loses nothing: the text, all comments and the places of all
// parts are in it.
//
// # Grammar
//
// In EBNF: [x] is x or nothing, {x} is x any number of times, a|b is one of the two.
//
//	File        = Package { Import } { Declaration } .
//	Package     = "package" Name end .
//	Import      = "import" [ Name ] String end .
//
//	Declaration = Annotations ( Const | Enum | Struct | Union | Error | Service ) end .
//	Const       = "const" Name "=" ( Int | Float | String | Word ) .
//	Enum        = "enum" Name "{" { ( Value | Reserved ) end } "}" .
//	Struct      = "struct" Name Fields .
//	Union       = "union" Name "{" { ( Case | Reserved ) end } "}" .
//	Error       = "error" Name String [ Fields ] .
//	Service     = "service" Name "=" Int "{" { ( Method | Reserved ) end } "}" .
//
//	Fields      = "{" { Annotations Name Type end } "}" .
//	Value       = Annotations Name "=" Int .
//	Case        = Annotations Int ":" Name Type .
//	Method      = Annotations Int ":" Name List [ List ] [ "throws" Named { "," [ newline ] Named } ] .
//	Reserved    = "reserved" Int { "," Int } .
//
//	List        = "(" [ newline ] [ Group { "," [ newline ] Group } [ "," [ newline ] ] ] ")" .
//	Group       = Annotations Name { "," [ newline ] Name } Type .
//
//	Type        = Named | "?" Type | "[" "]" Type | "map" "[" Type "]" Type | "stream" Type .
//	Named       = [ Name "." ] Name .
//
//	Annotations = { "@" Name [ "(" ( Int | Float | String | Duration | Word ) ")" ] [ newline ] } .
//
//	end         = newline | ";" .
//
// A newline is any number of line breaks, with blank lines and comments between them. Line breaks stand where the grammar
// has a newline, and nowhere else. The end may be missing in front of a "}" and at the end of the file.
//
//	Name, Word  = letter { letter | digit } .                  letters are those of ASCII and _
//	Int         = [ "-" ] ( decimal | "0x" hexadecimal ) .     without zeros in front
//	Float       = [ "-" ] decimal [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ] .
//	Duration    = { digits [ "." digits ] ( "h" | "m" | "s" | "ms" | "us" | "ns" ) } .
//	String      = an interpreted string of Go: "…", on one line, with Go's escapes .
//	comment     = "//" and the rest of the line .
//
// A sign stands before the numbers of consts and enum values only, and in arguments of annotations.
//
// Keywords are keywords only where the grammar has one: fields and parameters may be called type, map, stream or throws.
// In an enum, a union and a service a line that begins with reserved and a number reserves it; a field of a struct may be
// called reserved. In front of another type stream and map[ are what they say, else they are names.
// Only a parameter or a result is a stream, and a stream is inside no other type; ?? is refused. At most 32 of ?, [], map and
// stream stand around a name.
//
// A doc comment is the run of comment lines straight above: above the first annotation or, if nothing stands there,
// above a later one or the thing itself.
//
// The text is UTF-8. A byte order mark may begin it. Lines end with a line feed, with or without a carriage return before it.
// Control characters other than these and the tab are mistakes, in comments and strings too.
//
// # Mistakes
//
// At most one mistake of a line is reported, the first: what follows it is mostly its consequence. Behind a mistake the parser
// goes on at the next item, or if a body seems not to be closed at the next declaration: a keyword, a name and "{", "=" or a
// string at the beginning of a line.
package syntax
