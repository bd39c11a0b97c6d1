package dynamic

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// scalar appends a value that is neither list, map, optional, struct nor union.
func scalar(buf []byte, t *idl.Type, value any) ([]byte, *Error) {
	if value == (absent{}) {
		return zero(buf, t), nil
	}
	switch kind := t.Kind; {
	case kind == idl.Bool:
		b, ok := value.(bool)
		if !ok {
			return buf, wantGot("a bool", value)
		}
		return codec.WriteBool(buf, b), nil
	case kind <= idl.Uint64:
		number, ok := digits(kind, value)
		if !ok {
			return buf, wantGot(wantInteger(kind), value)
		}
		return integer(buf, kind, number)
	case kind <= idl.Float64:
		return float(buf, kind, value)
	case kind == idl.String:
		s, err := text(value)
		return codec.WriteString(buf, s), err
	case kind == idl.Bytes:
		bytes, err := fromBase64(value)
		return codec.WriteBytes(buf, bytes), err
	case kind == idl.Time:
		at, err := instant(value)
		return codec.WriteTime(buf, at), err
	case kind == idl.Duration:
		d, err := duration(value)
		return codec.WriteDuration(buf, d), err
	}
	n, err := enumNumber(t.Decl.(*idl.Enum), value)
	return codec.WriteUint16(buf, n), err
}

// zero appends a scalar with nothing in it.
func zero(buf []byte, t *idl.Type) []byte {
	if t.Kind == idl.Time {
		return codec.WriteTime(buf, time.Time{})
	}
	return append(buf, make([]byte, t.MinSize())...)
}

// digits returns the integer as it is written: as a number, or as a string if it is of 64 bits.
func digits(kind idl.Kind, value any) (string, bool) {
	switch value := value.(type) {
	case json.Number:
		return value.String(), true
	case string:
		return value, kind == idl.Int64 || kind == idl.Uint64
	}
	return "", false
}

func wantInteger(kind idl.Kind) string {
	if kind == idl.Int64 || kind == idl.Uint64 {
		return "an integer, as a string"
	}
	return "an integer"
}

// bits is how wide an integer or float is.
var bits = map[idl.Kind]int{
	idl.Int8: 8, idl.Int16: 16, idl.Int32: 32, idl.Int64: 64, idl.Float32: 32,
	idl.Uint8: 8, idl.Uint16: 16, idl.Uint32: 32, idl.Uint64: 64, idl.Float64: 64,
}

// integer appends the integer that the text is.
func integer(buf []byte, kind idl.Kind, text string) ([]byte, *Error) {
	width := bits[kind]
	var n uint64
	var err error
	if kind <= idl.Int64 {
		var signed int64
		signed, err = strconv.ParseInt(text, 10, width)
		n = uint64(signed)
		if err != nil {
			return buf, failf("want an integer from %d to %d, got %s", int64(-1)<<(width-1), uint64(1)<<(width-1)-1, cut(text))
		}
	} else if n, err = strconv.ParseUint(text, 10, width); err != nil {
		return buf, failf("want an integer from 0 to %d, got %s", uint64(math.MaxUint64)>>(64-width), cut(text))
	}
	switch width {
	case 8:
		return codec.WriteUint8(buf, uint8(n)), nil
	case 16:
		return codec.WriteUint16(buf, uint16(n)), nil
	case 32:
		return codec.WriteUint32(buf, uint32(n)), nil
	}
	return codec.WriteUint64(buf, n), nil
}

func float(buf []byte, kind idl.Kind, value any) ([]byte, *Error) {
	var f float64
	switch value := value.(type) {
	case json.Number:
		var err error
		if f, err = strconv.ParseFloat(value.String(), bits[kind]); err != nil {
			return buf, failf("%s is too large for a %s", cut(value.String()), kind)
		}
	case string:
		special, ok := map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[value]
		if !ok {
			return buf, failf(`want a number, "NaN", "Infinity" or "-Infinity", got %s`, cut(value))
		}
		f = special
	default:
		return buf, wantGot("a number", value)
	}
	if kind == idl.Float32 {
		return codec.WriteFloat32(buf, float32(f)), nil
	}
	return codec.WriteFloat64(buf, f), nil
}

// text returns the string that value is, also if it is not UTF-8.
func text(value any) (string, *Error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case object:
		if len(value) == 1 && value[0].name == "bytes" {
			bytes, err := fromBase64(value[0].value)
			return string(bytes), err.within("bytes")
		}
	}
	return "", wantGot("a string", value)
}

func instant(value any) (time.Time, *Error) {
	switch value := value.(type) {
	case string:
		at, err := time.Parse(time.RFC3339Nano, value)
		if err != nil {
			return at, failf("want a time like %q, got %s", "2026-03-01T12:00:00Z", cut(value))
		}
		return at, nil
	case object:
		return farInstant(value)
	}
	return time.Time{}, wantGot("a time, as a string", value)
}

// farInstant returns the time that is written as {"seconds": …, "nanoseconds": …}.
func farInstant(members object) (time.Time, *Error) {
	var seconds, nanoseconds int64
	for _, m := range members {
		number, ok := digits(idl.Int64, m.value)
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case m.name != "seconds" && m.name != "nanoseconds":
			return time.Time{}, unknown("part of a time", m.name, []string{"seconds", "nanoseconds"})
		case !ok || err != nil:
			return time.Time{}, failf("want an integer").within(m.name)
		case m.name == "seconds":
			seconds = n
		case n < 0 || n >= 1e9:
			return time.Time{}, failf("want an integer from 0 to 999999999").within(m.name)
		default:
			nanoseconds = n
		}
	}
	return time.Unix(seconds, nanoseconds), nil
}

func duration(value any) (time.Duration, *Error) {
	s, ok := value.(string)
	if !ok {
		return 0, wantGot(`a duration, as a string like "1m30s"`, value)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, failf("want a duration like %q, got %s", "1m30s", cut(s))
	}
	return d, nil
}

// enumNumber returns the number of an enum's value that is given by its name or by itself.
func enumNumber(decl *idl.Enum, value any) (uint16, *Error) {
	switch value := value.(type) {
	case string:
		var known []string
		for _, v := range decl.Values {
			if v.Name == value {
				return v.Number, nil
			}
			known = append(known, v.Name)
		}
		return 0, unknown(decl.Name, value, known)
	case json.Number:
		n, err := strconv.ParseUint(value.String(), 10, 16)
		if err != nil {
			return 0, failf("want an integer from 0 to 65535, got %s", cut(value.String()))
		}
		return uint16(n), nil
	}
	return 0, wantGot("the name or number of a "+decl.Name, value)
}

// appendKey returns the key of a map. Those of an object are strings, whatever their type.
func appendKey(t *idl.Type, key any) ([]byte, *Error) {
	s, ok := key.(string)
	switch {
	case !ok:
	case t.Kind == idl.Bool && (s == "true" || s == "false"):
		key = s == "true"
	case idl.Int8 <= t.Kind && t.Kind <= idl.Uint64:
		key = json.Number(s)
	case t.Kind == idl.Named && s != "" && '0' <= s[0] && s[0] <= '9':
		key = json.Number(s)
	}
	return scalar(nil, t, key)
}
