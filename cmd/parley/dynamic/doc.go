// Package dynamic turns JSON into the bytes of a message and back, for any type of a schema: what generated code
// does for the types that it was generated from, without generating code.
//
//	IDL                   JSON
//	bool                  true, false
//	int8 … uint32         number
//	int64, uint64         string, "42"; a number is taken too, but many programs read those wrong from 2⁵³ on
//	float32, float64      number, or one of "NaN", "Infinity", "-Infinity"
//	string                string; one that is not UTF-8: {"bytes": "base64"}
//	bytes                 string of base64, with padding; taken without it, too, and in the alphabet of addresses
//	time                  string as RFC 3339 has it, in UTC: "2026-03-01T12:00:00.5Z"; outside of the years 0 to
//	                      9999: {"seconds": "-62167219201", "nanoseconds": 0}, the seconds since 1970
//	duration              string as Go has it: "1h2m3.5s"
//	enum                  its value's name; a number without a name: number, which is taken for any
//	[]T                   list
//	map[K]V               object, with the keys as strings; if a key is not UTF-8 a list of pairs: [[key, value], …]
//	?T                    T, or null for absent
//	struct, error         object
//	union                 object with one member, named as the case: {"said": "hello"}; a case that the schema
//	                      does not know: {"#7": "base64"}; none: null, and {} too, which is how ?union tells it from absent
//	parameters, results   object
//
// In what is read from JSON, the fields of a struct may be left out and are zero, as in a literal of Go. Parameters
// are all to be there, but for the optional ones. A name that the schema does not know, or that stands there twice,
// is an error. In what is written as JSON every field is there, in the order of the schema; a removed one never is.
// Characters that a terminal would not print, or would obey, are escaped.
//
// The bytes are those that generated code writes for the same value, see package codec. A [Visitor] says what each of
// them is.
package dynamic

// Bounds, in bytes, of what is made of a value. A schema may come from a peer that means no good, and a few structs that
// hold each other ten times are many values, all of them zero.
const (
	maxJSON    = 64 << 20
	maxMessage = 16 << 20
)
