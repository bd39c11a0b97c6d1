package codec_test

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/codec"
)

// roundTrip writes v, reads it, and compares; then once more with what was read.
func roundTrip[T any](v T, write func([]byte, T) []byte, read func(*codec.Decoder, string) T) error {
	data := write(nil, v)
	given := bytes.Clone(data)
	var got T
	if err := codec.Unmarshal(data, "v", &got, read); err != nil {
		return err
	}
	clear(data) // nothing of got may lie in data
	if !reflect.DeepEqual(got, v) {
		return fmt.Errorf("%.100v came back as %.100v", v, got)
	}
	if again := write(nil, got); !bytes.Equal(again, given) {
		return fmt.Errorf("what came back of %.100v has other bytes", v)
	}
	return nil
}

func someTree() tree {
	leaf := tree{Label: "leaf", Maybe: []byte{}, Tags: []string{}, Flags: map[bool][]kind{}, Ranks: map[uint16]bool{}}
	return tree{
		Label:  "root",
		Kids:   []tree{leaf, {}},
		Next:   &tree{Label: "next", Pick: pickTree{leaf}},
		Named:  map[string]tree{"a": leaf, "": {}},
		Pick:   pickNote{note{"picked", 3}},
		Flags:  map[bool][]kind{true: {1, 2}, false: nil},
		Maybe:  []byte{1, 2},
		Tags:   []string{"x", ""},
		Ranks:  map[uint16]bool{1: true, 600: false},
		Choice: pickUnknown{77, []byte("future")},
		Empty:  []empty{{}, {}},
	}
}

func TestRoundTrip(t *testing.T) {
	big := benchMixed
	big.Name = strings.Repeat("n", 70_000) // the struct's length is escaped too
	big.Notes = append([]note{{strings.Repeat("t", 65_535), 1}}, benchMixed.Notes...)
	for name, err := range map[string]error{
		"zero mixed": roundTrip(mixed{}, writeMixed, readMixed),
		"mixed":      roundTrip(benchMixed, writeMixed, readMixed),
		"big mixed":  roundTrip(big, writeMixed, readMixed),
		"zero tree":  roundTrip(tree{}, writeTree, readTree),
		"tree":       roundTrip(someTree(), writeTree, readTree),
		"chat":       roundTrip(benchChat, writeChat, readChat),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Maps of every size around the borders of WriteMap's ways are in order.
func TestMapsAreInOrder(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 9, 31, 32, 33, 100} {
		m, large := map[int16]string{}, map[string][9]uint64{}
		for i := range n {
			k := int16(i*7919%1000 - 500)
			m[k] = fmt.Sprint(k)
			large[fmt.Sprint(k)] = [9]uint64{uint64(i)}
		}
		// The reader insists on the order.
		if err := roundTrip(m, func(buf []byte, m map[int16]string) []byte {
			return codec.WriteMap(buf, m, codec.WriteInt16, codec.WriteString)
		}, func(d *codec.Decoder, field string) map[int16]string {
			return codec.ReadMap(d, field, 4, (*codec.Decoder).Int16, (*codec.Decoder).String)
		}); err != nil {
			t.Errorf("%d pairs: %v", n, err)
		}
		if err := roundTrip(large, func(buf []byte, m map[string][9]uint64) []byte {
			return codec.WriteMap(buf, m, codec.WriteString, func(buf []byte, v [9]uint64) []byte {
				return codec.WriteUint64(buf, v[0])
			})
		}, func(d *codec.Decoder, field string) map[string][9]uint64 {
			return codec.ReadMap(d, field, 10, (*codec.Decoder).String, func(d *codec.Decoder, field string) [9]uint64 {
				return [9]uint64{d.Uint64(field)}
			})
		}); err != nil {
			t.Errorf("%d pairs of large values: %v", n, err)
		}
	}
}

func TestTime(t *testing.T) {
	paris := time.FixedZone("Paris", 3600)
	noon := time.Date(2026, 11, 21, 12, 0, 0, 42, paris)
	for _, same := range []time.Time{noon.UTC(), noon.In(time.FixedZone("", -7200)), noon.Local()} {
		if got, want := codec.WriteTime(nil, same), codec.WriteTime(nil, noon); !bytes.Equal(got, want) {
			t.Errorf("%v is written as %x, and %v as %x, want the same", same, got, noon, want)
		}
	}
	got, rest, err := codec.ReadTime(codec.WriteTime(nil, noon))
	if err != nil || len(rest) > 0 || !got.Equal(noon) || got.Location() != time.UTC {
		t.Errorf("%v came back as %v, %v, want it in UTC", noon, got, err)
	}
	if got, _, _ := codec.ReadTime(codec.WriteTime(nil, time.Time{})); got != (time.Time{}) {
		t.Errorf("the zero time came back as %#v, want the zero time", got)
	}
	if got, _, _ := codec.ReadTime(codec.WriteTime(nil, time.Time{}.In(paris))); got != (time.Time{}) {
		t.Errorf("the zero time in a zone came back as %#v, want the zero time", got)
	}
	now := time.Now() // has a monotonic reading
	if got, _, _ := codec.ReadTime(codec.WriteTime(nil, now)); !got.Equal(now) {
		t.Errorf("%v came back as %v", now, got)
	}
}

func TestEveryNaNIsWrittenAlike(t *testing.T) {
	for _, bits := range []uint64{0x7FF0000000000001, 0x7FF8000000000001, 0xFFF8000000000000} {
		want := codec.WriteFloat64(nil, math.NaN())
		if got := codec.WriteFloat64(nil, math.Float64frombits(bits)); !bytes.Equal(got, want) {
			t.Errorf("NaN %x is written as %x, want %x", bits, got, want)
		}
	}
}

func TestNothingOfAMessageIsKept(t *testing.T) {
	data := writeTree(nil, someTree())
	var v tree
	if err := codec.Unmarshal(data, "v", &v, readTree); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if want := someTree(); !reflect.DeepEqual(v, want) {
		t.Errorf("after the message was overwritten the value is %v, want %v", v, want)
	}
}

// A body of nearly 64 KiB in a body: both lengths change their form as the text grows.
func TestLengthsAroundTheEscape(t *testing.T) {
	for n := 65_520; n < 65_545; n++ {
		v := tree{Kids: []tree{{Label: strings.Repeat("x", n)}}, Maybe: []byte("after")}
		if err := roundTrip(v, writeTree, readTree); err != nil {
			t.Errorf("label of %d bytes: %v", n, err)
		}
	}
}

func TestWriteLengthRefusesWhatDoesNotFit(t *testing.T) {
	n := math.MaxInt
	if n == math.MaxInt32 {
		t.Skip("every int fits a uint32 here")
	}
	defer func() {
		const want = "codec: length 9223372036854775807 does not fit a uint32"
		if got := recover(); got != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	codec.WriteLength(nil, n)
}

func TestUnknownCaseOfTagZeroIsNone(t *testing.T) {
	got := codec.WriteCase(nil, 0, []byte("lost"))
	if want := codec.WriteNoCase(nil); !bytes.Equal(got, want) {
		t.Errorf("written as %x, want %x", got, want)
	}
}
