package lsp

import "github.com/parley-rpc/parley/idl"

// builtins are the types that are always there.
var builtins = idl.Builtins()

// words say what the language's own words mean, by their keys as in occurrence. A test sees to it that none is missing.
var words = map[string]string{
	"keyword package":  "Begins a file: `package name`, the name of its folder.",
	"keyword import":   "`import \"path/of/package\"`, relative to the schema root. A name in front of the path is what the file calls the package.",
	"keyword const":    "`const Name = VALUE`: an integer, a float, a string, true or false. It becomes a constant of Go.",
	"keyword enum":     "`enum Name { Value = 0 }`: named numbers, a uint16 on the wire. A value that is not declared is kept, not refused.",
	"keyword struct":   "`struct Name { field Type }`: fields in their order, which is the order on the wire. Fields are only ever appended; one that is removed is renamed to `_`.",
	"keyword union":    "`union Name { 1: case Type }`: one of its cases, or none. Tags are from 1 to 65535 and are never used again.",
	"keyword error":    "`error Name \"the text, with {field}\" { field Type }`: what a method throws. `@code` says of which kind it is.",
	"keyword service":  "`service Name = 1 { 0: Method(parameter Type) (result Type) throws Error }`: its number is from 0 to 254, that of a method from 0 to 255.",
	"keyword reserved": "`reserved 3, 7`: numbers that were used once and must not be used again.",
	"keyword throws":   "Names the errors that a caller of the method should expect.",
	"keyword stream":   "`stream T`: any number of items, one after the other. The last parameter may be one, and a result that stands alone.",
	"keyword map":      "`map[K]V`: K is string, an integer, bool or an enum. On the wire pairs with ascending keys.",

	"type bool":     "true or false; Go's bool, 1 byte on the wire.",
	"type int8":     "Go's int8, 1 byte on the wire.",
	"type int16":    "Go's int16, 2 bytes on the wire, big-endian.",
	"type int32":    "Go's int32, 4 bytes on the wire, big-endian.",
	"type int64":    "Go's int64, 8 bytes on the wire, big-endian.",
	"type uint8":    "Go's uint8, 1 byte on the wire.",
	"type uint16":   "Go's uint16, 2 bytes on the wire, big-endian.",
	"type uint32":   "Go's uint32, 4 bytes on the wire, big-endian.",
	"type uint64":   "Go's uint64, 8 bytes on the wire, big-endian.",
	"type float32":  "Go's float32, 4 bytes on the wire, big-endian IEEE 754.",
	"type float64":  "Go's float64, 8 bytes on the wire, big-endian IEEE 754.",
	"type string":   "Go's string, which need not be UTF-8; its length and its bytes on the wire.",
	"type bytes":    "Go's []byte; its length and its bytes on the wire.",
	"type time":     "Go's time.Time in UTC; seconds as int64 and nanoseconds as uint32 on the wire.",
	"type duration": "Go's time.Duration; nanoseconds as int64 on the wire.",

	"annotation classic":    "`@classic` on a service: unary methods only, whose parameters and results are frozen; it also gets plain functions as stubs.",
	"annotation idempotent": "`@idempotent` on a unary method: to call it twice does no more than to call it once.",
	"annotation borrowed":   "`@borrowed` on a method with bytes in parameters or items of streams: their receiver must not keep these bytes, or clones them. Those of parameters are valid until the handler returns, those of an item until the next step of the loop.",
	"annotation timeout":    "`@timeout(2s)` on a unary method: how long a call may take.",
	"annotation code":       "`@code(not_found)` on an error: of which kind it is; without it, unknown.",
	"annotation deprecated": "`@deprecated(\"use Watch\")` on anything: what to use instead.",
}

func init() {
	for _, code := range idl.Codes {
		words["code "+code] = "The code `" + code + "` of an error, which callers compare with runtime's."
	}
}

// declarations are the words that open a declaration, and import, in the order in which completion lists them.
var declarations = []string{"struct", "enum", "union", "error", "service", "const", "import"}
