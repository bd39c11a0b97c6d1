package codec_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/parley-rpc/parley/runtime/codec"
)

// What the vectors' types are made of.

type chain struct {
	Next *chain `json:"next"`
}

func writeChain(buf []byte, v chain) []byte {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteOptional(buf, v.Next, writeChain)
	return codec.EndLength(buf, start)
}

func readChain(d *codec.Decoder, field string) (v chain) {
	body := d.Begin(field)
	v.Next = codec.ReadOptional(d, "next", readChain)
	d.End(body, field)
	return v
}

type pair struct {
	First  *note  `json:"first"`
	Second []note `json:"second"`
}

func writePair(buf []byte, v pair) []byte {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteOptional(buf, v.First, writeNote)
	buf = codec.WriteSlice(buf, v.Second, writeNote)
	return codec.EndLength(buf, start)
}

func readPair(d *codec.Decoder, field string) (v pair) {
	body := d.Begin(field)
	v.First = codec.ReadOptional(d, "first", readNote)
	v.Second = codec.ReadSlice(d, "second", 2, readNote)
	d.End(body, field)
	return v
}

// wide takes far more memory than bytes.
type wide [25]string

func readWide(d *codec.Decoder, field string) (v wide) {
	body := d.Begin(field)
	for i := range v {
		v[i] = d.String("text")
	}
	d.End(body, field)
	return v
}

func sliceWriter[T any](write func([]byte, T) []byte) func([]byte, []T) []byte {
	return func(buf []byte, v []T) []byte { return codec.WriteSlice(buf, v, write) }
}

func sliceReader[T any](least int, read func(*codec.Decoder, string) T) func(*codec.Decoder, string) []T {
	return func(d *codec.Decoder, field string) []T { return codec.ReadSlice(d, field, least, read) }
}

func optionalWriter[T any](write func([]byte, T) []byte) func([]byte, *T) []byte {
	return func(buf []byte, v *T) []byte { return codec.WriteOptional(buf, v, write) }
}

func optionalReader[T any](read func(*codec.Decoder, string) T) func(*codec.Decoder, string) *T {
	return func(d *codec.Decoder, field string) *T { return codec.ReadOptional(d, field, read) }
}

// presentWriter writes an optional whose type is nil-able, as generated code does.
func presentWriter[T any](write func([]byte, T) []byte, isNil func(T) bool) func([]byte, T) []byte {
	return func(buf []byte, v T) []byte {
		buf = codec.WritePresence(buf, !isNil(v))
		if !isNil(v) {
			buf = write(buf, v)
		}
		return buf
	}
}

func isNilSlice(v []byte) bool { return v == nil }

func readOptionalList(d *codec.Decoder, field string) []uint8 {
	return codec.ReadOptionalSlice(d, field, 1, (*codec.Decoder).Uint8)
}

func writeCounts(buf []byte, m map[string]uint16) []byte {
	return codec.WriteMap(buf, m, codec.WriteString, codec.WriteUint16)
}

func readCounts(d *codec.Decoder, field string) map[string]uint16 {
	return codec.ReadMap(d, field, 4, (*codec.Decoder).String, (*codec.Decoder).Uint16)
}

func writeBools(buf []byte, m map[bool]string) []byte {
	return codec.WriteBoolMap(buf, m, codec.WriteString)
}

func parseFloat[T float32 | float64](text string) (v T, err error) {
	if text == `"NaN"` {
		return T(math.NaN()), nil
	}
	err = json.Unmarshal([]byte(text), &v)
	return v, err
}

// parseList is for lists of numbers that encoding/json would take for base64.
func parseList[T uint8](text string) ([]T, error) {
	var many struct{ Repeat, Times int }
	if json.Unmarshal([]byte(text), &many) == nil && many.Times > 0 {
		return slices.Repeat([]T{T(many.Repeat)}, many.Times), nil
	}
	var numbers []int
	if err := json.Unmarshal([]byte(text), &numbers); err != nil || numbers == nil {
		return nil, err
	}
	list := []T{}
	for _, n := range numbers {
		list = append(list, T(n))
	}
	return list, nil
}

func parseLists(text string) (lists [][]uint8, err error) {
	var texts []json.RawMessage
	if err := json.Unmarshal([]byte(text), &texts); err != nil {
		return nil, err
	}
	for _, text := range texts {
		list, err := parseList[uint8](string(text))
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

func parseBools(text string) (map[bool]string, error) {
	var named map[string]string
	if err := json.Unmarshal([]byte(text), &named); err != nil || named == nil {
		return nil, err
	}
	m := map[bool]string{}
	for k, v := range named {
		m[k == "true"] = v
	}
	return m, nil
}

func parsePick(text string) (pick, error) {
	if text == "null" {
		return nil, nil
	}
	var v struct {
		Note *note
		Pair *pair
		Tag  uint16
		Body []byte
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, err
	}
	switch {
	case v.Note != nil:
		return pickNote{*v.Note}, nil
	case v.Pair != nil:
		return pickPair{*v.Pair}, nil
	case v.Tag != 0:
		return pickUnknown{v.Tag, v.Body}, nil
	}
	return nil, fmt.Errorf("%s is no pick", text)
}
