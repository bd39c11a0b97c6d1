package dynamic

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// scalar reads a value of a builtin type.
func (r *reader) scalar(d *codec.Decoder, name string, kind idl.Kind) {
	switch kind {
	case idl.Bool:
		r.out = strconv.AppendBool(r.out, d.Bool(name))
	case idl.Int8:
		r.out = strconv.AppendInt(r.out, int64(d.Int8(name)), 10)
	case idl.Int16:
		r.out = strconv.AppendInt(r.out, int64(d.Int16(name)), 10)
	case idl.Int32:
		r.out = strconv.AppendInt(r.out, int64(d.Int32(name)), 10)
	case idl.Int64:
		r.text(`"` + strconv.FormatInt(d.Int64(name), 10) + `"`)
	case idl.Uint8:
		r.out = strconv.AppendUint(r.out, uint64(d.Uint8(name)), 10)
	case idl.Uint16:
		r.out = strconv.AppendUint(r.out, uint64(d.Uint16(name)), 10)
	case idl.Uint32:
		r.out = strconv.AppendUint(r.out, uint64(d.Uint32(name)), 10)
	case idl.Uint64:
		r.text(`"` + strconv.FormatUint(d.Uint64(name), 10) + `"`)
	case idl.Float32:
		f := d.Float32(name)
		r.float(float64(f), f)
	case idl.Float64:
		f := d.Float64(name)
		r.float(f, f)
	case idl.String:
		r.out = appendText(r.out, d.String(name))
	case idl.Bytes:
		r.text(`"` + base64.StdEncoding.EncodeToString(d.Bytes(name)) + `"`)
	case idl.Time:
		r.time(d.Time(name))
	case idl.Duration:
		r.text(`"` + d.Duration(name).String() + `"`)
	}
}

// float appends f; exact is the same as a float32 or float64, for the shortest text of its width.
func (r *reader) float(f float64, exact any) {
	switch {
	case math.IsNaN(f):
		r.text(`"NaN"`)
	case math.IsInf(f, 1):
		r.text(`"Infinity"`)
	case math.IsInf(f, -1):
		r.text(`"-Infinity"`)
	default:
		text, _ := json.Marshal(exact) // a finite number has no error
		r.out = append(r.out, text...)
	}
}

// The seconds since 1970 at which the years 0 and 10000 begin: RFC 3339 knows those between.
const (
	yearZero        = -62167219200
	yearTenThousand = 253402300800
)

func (r *reader) time(t time.Time) {
	if seconds := t.Unix(); seconds < yearZero || seconds >= yearTenThousand {
		r.text(`{"seconds":"` + strconv.FormatInt(seconds, 10) + `","nanoseconds":` + strconv.Itoa(t.Nanosecond()) + `}`)
		return
	}
	r.out = t.UTC().AppendFormat(append(r.out, '"'), time.RFC3339Nano)
	r.text(`"`)
}

// appendEnum appends the name of the number, or the number if it has none.
func appendEnum(out []byte, decl *idl.Enum, number uint16) []byte {
	for _, v := range decl.Values {
		if v.Number == number {
			return appendString(out, v.Name)
		}
	}
	return strconv.AppendUint(out, uint64(number), 10)
}

// appendString appends s, which is UTF-8, as a JSON string.
func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', byte(c))
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\t':
			out = append(out, `\t`...)
		case unicode.IsPrint(c):
			out = append(out, string(c)...)
		case c > 0xFFFF:
			high, low := utf16.EncodeRune(c)
			out = appendEscape(appendEscape(out, high), low)
		default:
			out = appendEscape(out, c)
		}
	}
	return append(out, '"')
}

// appendEscape appends c, of 16 bits, by its number.
func appendEscape(out []byte, c rune) []byte {
	digits := strconv.FormatInt(int64(c)|0x10000, 16) // 1, and four digits
	return append(append(out, `\u`...), digits[1:]...)
}
