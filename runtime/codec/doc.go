// Package codec turns Go values into bytes and bytes into Go values, as the messages of
// Parley carry them. It does no I/O and takes no locks.
//
// Writing appends to a slice and cannot fail: WriteString(buf, s) returns buf with s
// behind it, and allocates only when buf has to grow. Reading comes in two ways. ReadString(buf)
// returns a value, the bytes after it, and an error; it suits a message of a few fields.
// A [Decoder] keeps its place and its first error, so that code reads field after field
// and asks once; generated code does that, and [Unmarshal] for values on their own.
//
// The rest of this page is the encoding, complete: whoever follows it can talk to this
// package in another language. Beside it stand bytes to try: testdata/vectors.txt has
// values and their bytes, testdata/read.txt what is read and not written (from older and
// newer peers), testdata/refused.txt what is refused and why.
//
// # Types
//
// A message is a sequence of values. Nothing in it says of which types they are: both
// sides know. Values follow each other without padding. All numbers are big-endian.
//
//	type                  bytes
//	bool                  1: 0x00 is false, 0x01 is true; others are refused
//	int8, uint8           1
//	int16, uint16         2
//	int32, uint32         4
//	int64, uint64         8: signed numbers are two's complement
//	float32, float64      4, 8: IEEE 754
//	string, bytes         length, then so many bytes; a string need not be UTF-8
//	time                  12: int64 seconds since 1970-01-01T00:00:00Z (before it: negative),
//	                      uint32 nanoseconds of that second, below 1,000,000,000 or refused
//	duration              8: int64 nanoseconds
//	enum                  2: uint16; a number without a name is valid
//	list                  count, then so many elements
//	map                   count, then so many pairs: key, value
//	optional              1: 0x00 and nothing more, or 0x01 and then the value; others are refused
//	struct                length, then so many bytes: the fields in their order
//	union                 uint16 tag, length, then so many bytes: the value of that case
//
// A length counts bytes and a count counts elements or pairs. Both are written thus:
//
//	0 … 65,534            2: uint16
//	65,535 and more       6: 0xFFFF, then a uint32
//
// The long form of a number below 65,535 is refused. So each number has one form.
//
// A length does not count itself. A struct without fields is 0x0000. A removed field
// keeps its place: it is written as zero, and read and dropped. A union without a value
// is tag 0 with length 0; tag 0 with another length is refused, and no case has tag 0.
// The Go values nil and empty of bytes, lists and maps are the same on the wire, and
// read as nil; where the type is optional, nil is absent and empty is present.
//
// # One value, one encoding
//
// The same value always has the same bytes. What there was to choose is chosen so:
//   - Map keys are strings, integers, bools or enums, in strictly ascending order: numbers
//     by value, false before true, strings by their bytes (a shorter one before a longer
//     one that it begins). A map with keys in another order, or with a key twice, is refused.
//   - Every NaN is written as 0x7FC00000 or 0x7FF8000000000000. Readers take any NaN.
//     Zero and minus zero are two values.
//   - A time is an instant and has no zone: noon in Paris is eleven in UTC. Go's zero
//     time is a time like others, -62,135,596,800 seconds, and comes back as the zero time.
//
// # Older and newer peers
//
// Fields are only ever added to a struct's end. A reader that reaches the end of a
// struct's body takes zero for each field that it still wants: 0, false, an empty
// string, an absent optional, a union without value, a time that is Go's zero time. A
// reader that has its fields skips the rest of the body, which a newer peer wrote. This
// holds for whole fields: a body that ends inside a field is refused.
//
// The same goes for the values of a message itself, if reader and writer have agreed so
// ([Decoder.Reset], not strict); where they have not, a missing value is refused. What
// stands after a message's last value is skipped in either case. An element of a list,
// a key or value of a map, the value of an optional that is present, and that of a union's
// case with a known tag may never be missing. A union's case with an unknown tag is kept
// as its bytes and written again as it came.
//
// # Limits
//
// Bytes from a peer may be anything, and reading them neither panics nor takes more than
// a message is worth:
//   - A length may not exceed the bytes that remain in the innermost body, a count not
//     what they can hold if each element is as short as its type allows.
//   - At most 64 struct bodies and union cases stand around each other. Lists, maps and
//     optionals do not count: without a struct or a union no type contains itself.
//   - A message of n bytes may take 16·n + 65,536 bytes of memory. What a value takes is
//     charged before it is allocated; what does not fit is refused. This package charges
//     the sizes of Go on its machine, here of 64 bits. A list: its count times its element
//     (16 bytes for a string or a union, 24 for bytes, a list or a time, 8 for a map or an
//     optional, a struct's own). A map: 48 bytes, and 2.5 slots for each pair but at least
//     8, a slot being key, value and a byte. An optional: its value, if it is not bytes, a
//     list, a map or a union. A union: the value of its case. Bytes: their number, or
//     nothing where they are lent. Strings: the copy of the message that they share, or in a
//     large message or beside bytes that are lent their lengths. What the allocator rounds up
//     by is not charged.
//
// The shortest values are: bool, int8, uint8 and optional 1 byte; string, bytes, list,
// map and struct 2; time 12; union 4; the others their width; a pair of a map, key and
// value together.
//
// Nothing limits what is written but the uint32 of a length. A value deeper than 64 is
// written, and refused by its reader. A value that contains itself (a pointer back to a
// struct around it) has no encoding: writing it does not end.
//
// # Memory
//
// Nothing that is read refers to the message's bytes. All strings of a message of up to
// 65,536 bytes are parts of one copy of it, made for the first of them; in a larger message
// each has memory of its own. Whoever keeps one small string for long, and not the others,
// clones it with [strings.Clone]. Slices, maps and pointers are the caller's own.
//
// [Decoder.Borrow] makes one exception, for bytes that are not to be copied: they are then parts of
// the message's bytes, valid as long as those are, and whoever keeps them clones them. Strings
// are still copies, then one each, whatever the length of the message.
package codec
