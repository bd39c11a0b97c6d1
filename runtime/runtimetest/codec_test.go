package runtimetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// pair has two fields that a codec may mix up.
type pair struct {
	A int16
	B []byte
}

func writePair(buf []byte, v pair) []byte {
	return codec.WriteBytes(codec.WriteInt16(buf, v.A), v.B)
}

func readPair(d *codec.Decoder, _ string) pair { return pair{d.Int16("a"), d.Bytes("b")} }

// witness is a test that may fail.
type witness struct {
	testing.TB
	failed int
}

func (*witness) Helper()                 {}
func (w *witness) Errorf(string, ...any) { w.failed++ }

// TestRoundTripFindsMistakes tries codecs that are wrong, and one that is right.
func TestRoundTripFindsMistakes(t *testing.T) {
	count := byte(0)
	for _, test := range []struct {
		name  string
		write func([]byte, pair) []byte
		read  func(*codec.Decoder, string) pair
		want  int
	}{
		{"right", writePair, readPair, 0},
		{"a field gets lost both ways",
			func(buf []byte, v pair) []byte { return codec.WriteInt16(buf, v.A) },
			func(d *codec.Decoder, _ string) pair { return pair{A: d.Int16("a")} }, 1},
		{"what is written cannot be read",
			func(buf []byte, v pair) []byte { return codec.WriteInt16(buf, v.A) }, readPair, 1},
		{"the value keeps the message", writePair,
			func(d *codec.Decoder, _ string) pair { d.Int16("a"); return pair{B: d.Rest()[2:]} }, 1},
		{"it is written otherwise each time",
			func(buf []byte, v pair) []byte { count++; return append(writePair(buf, v), count) }, readPair, 1},
	} {
		w := &witness{TB: t}
		runtimetest.RoundTrip(w, test.write, test.read)
		if w.failed != test.want {
			t.Errorf("%s: got %d failures, want %d", test.name, w.failed, test.want)
		}
	}
}

// A shape is a union as parley generates it.
type shape interface{ isShape() }

type (
	shapeDot     struct{ Value uint8 }
	shapeMany    struct{ Value []shape }
	shapeUnknown struct {
		Tag  uint16
		Body []byte
	}
)

func (shapeDot) isShape()     {}
func (shapeMany) isShape()    {}
func (shapeUnknown) isShape() {}

// all has a field of each form of Go that parley generates.
type all struct {
	Yes    bool
	Tiny   int8
	Huge   uint64
	Half   float32
	Text   string
	At     time.Time
	Maybe  *int32
	List   []string
	Named  map[string]all
	Option []byte `json:"option,omitempty"`
	Shape  shape
	Next   *all
}

// TestRandomValues looks at the values that RoundTrip writes: each form is met, and they are not too large.
func TestRandomValues(t *testing.T) {
	met := map[string]bool{}
	var count func(v all) int
	count = func(v all) int {
		n := 1
		for _, sign := range []struct {
			what string
			is   bool
		}{
			{"true", v.Yes}, {"negative", v.Tiny < 0}, {"large", v.Huge > 1<<60}, {"small", v.Huge > 0 && v.Huge < 256},
			{"float", v.Half != 0}, {"text", v.Text != ""}, {"no text", v.Text == ""}, {"long text", len(v.Text) > 255},
			{"time", !v.At.IsZero()}, {"pointer", v.Maybe != nil}, {"no pointer", v.Maybe == nil},
			{"list", len(v.List) > 1}, {"no list", v.List == nil},
			{"an empty list where none is wanted", v.List != nil && len(v.List) == 0 || v.Named != nil && len(v.Named) == 0},
			{"option", len(v.Option) > 0}, {"empty option", v.Option != nil && len(v.Option) == 0}, {"no option", v.Option == nil},
			{fmt.Sprintf("%T", v.Shape), true}, {"next", v.Next != nil}, {"map", len(v.Named) > 1},
		} {
			met[sign.what] = met[sign.what] || sign.is
		}
		if unknown, ok := v.Shape.(shapeUnknown); ok && unknown.Tag != 7 {
			t.Errorf("got tag %d in an unknown case, want 7 as given", unknown.Tag)
		}
		for _, inner := range v.Named {
			n += count(inner)
		}
		if v.Next != nil {
			n += count(*v.Next)
		}
		return n
	}
	var last all // that was written
	write := func(buf []byte, v all) []byte {
		if n := count(v); n > 100 {
			t.Errorf("got %d values in one, want at most 100", n)
		}
		last = v
		return buf
	}
	read := func(*codec.Decoder, string) all { return last }
	runtimetest.RoundTrip(t, write, read, runtimetest.Cases[shape](shapeDot{}, shapeMany{}, shapeUnknown{Tag: 7}))
	for _, what := range []string{
		"true", "negative", "large", "small", "float", "text", "no text", "long text", "time", "pointer", "no pointer", "list", "no list",
		"option", "empty option", "no option", "<nil>", "next", "map",
		"runtimetest_test.shapeDot", "runtimetest_test.shapeMany", "runtimetest_test.shapeUnknown",
	} {
		if !met[what] {
			t.Errorf("no random value has %s, want all forms", what)
		}
	}
	if met["an empty list where none is wanted"] {
		t.Error("got a list that is empty and there, want none: it reads as nil")
	}
}

// FuzzPair is a fuzz target as parley generates it.
func FuzzPair(f *testing.F) { runtimetest.Fuzz(f, writePair, readPair) }
