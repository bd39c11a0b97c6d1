package codec_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/codec"
)

// The seeds of these targets are in testdata/fuzz and here.

// FuzzDecoder reads data by a program: each of its bytes chooses the next read. Nothing
// panics, no more is read than there is, and the first error stays.
func FuzzDecoder(f *testing.F) {
	whole := make([]byte, 256)
	for i := range whole {
		whole[i] = byte(i)
	}
	f.Add(whole, writeTree(nil, someTree()), true)
	f.Add([]byte{30, 15, 20, 31, 17, 31}, writeMixed(nil, benchMixed), false)
	f.Add([]byte{19, 13, 32, 33, 32}, writePick(nil, pickTree{someTree()}), true)
	f.Add([]byte{15, 15, 15}, writeChat(nil, benchChat), true)
	f.Fuzz(func(t *testing.T, program, data []byte, strict bool) {
		given := bytes.Clone(data)
		var d codec.Decoder
		for _, lend := range []bool{false, true} {
			d.Reset(data, strict)
			d.Borrow(lend)
			run(t, &d, program)
		}
		if !bytes.Equal(data, given) {
			t.Error("the message was written to")
		}
	})
}

// frame is a body that a program has begun and not ended.
type frame struct {
	body  codec.Body
	field string
}

// run reads from d as program says, up to a number of reads that keeps a run short.
func run(t *testing.T, d *codec.Decoder, program []byte) {
	var frames []frame
	var first error
	for _, step := range program[:min(len(program), 500)] {
		switch step % 34 {
		case 30:
			frames = append(frames, frame{d.Begin("struct"), "struct"})
		case 31:
			_, body := d.BeginCase("union")
			frames = append(frames, frame{body, "union"})
		case 32:
			if n := len(frames) - 1; n >= 0 {
				d.End(frames[n].body, frames[n].field)
				frames = frames[:n]
			}
		default:
			reads[int(step%34)%len(reads)](d, "field")
		}
		err := d.Err()
		if first == nil {
			first = err
		}
		if err != first {
			t.Fatalf("error %v became %v", first, err)
		}
	}
	for _, frame := range slices.Backward(frames) {
		d.End(frame.body, frame.field)
	}
	if e := (*codec.Error)(nil); errors.As(first, &e) && (e.Offset < 0 || e.Field == "" && e.Reason == "") {
		t.Errorf("error %#v", e)
	}
}

// reads are what a program may ask for.
var reads = []func(*codec.Decoder, string){
	reading((*codec.Decoder).Bool), reading((*codec.Decoder).Int8), reading((*codec.Decoder).Int16),
	reading((*codec.Decoder).Int32), reading((*codec.Decoder).Int64), reading((*codec.Decoder).Uint8),
	reading((*codec.Decoder).Uint16), reading((*codec.Decoder).Uint32), reading((*codec.Decoder).Uint64),
	reading((*codec.Decoder).Float32), reading((*codec.Decoder).Float64), reading((*codec.Decoder).Time),
	reading((*codec.Decoder).Duration), reading((*codec.Decoder).Presence), reading((*codec.Decoder).Bytes),
	reading((*codec.Decoder).String), reading((*codec.Decoder).StringSlice), reading(readNote),
	reading(readMixed), reading(readTree), reading(readPick), reading(readCounts), reading(readBoolMap),
	reading(optionalReader(readTree)), reading(codec.ReadOptionalBytes), reading(readOptionalList),
	reading(sliceReader(2, readTree)), reading(sliceReader(1, optionalReader((*codec.Decoder).String))),
	reading(sliceReader(2, readWide)), reading(func(d *codec.Decoder, _ string) []byte { return d.Rest() }),
}

func reading[T any](read func(*codec.Decoder, string) T) func(*codec.Decoder, string) {
	return func(d *codec.Decoder, field string) { read(d, field) }
}

func readBoolMap(d *codec.Decoder, field string) map[bool]tree {
	return codec.ReadBoolMap(d, field, 3, readTree)
}

// FuzzPrimitives writes values of all scalar types and reads them both ways.
func FuzzPrimitives(f *testing.F) {
	f.Add(uint64(0), 0.0, int64(0), int64(0), "", []byte(nil), false)
	f.Add(uint64(math.MaxUint64), math.Inf(-1), int64(math.MinInt64), int64(999_999_999), "Grüße", []byte{0xFF}, true)
	f.Add(uint64(0x0102030405060708), math.Copysign(0, -1), time.Time{}.Unix(), int64(1), "\x00", []byte("bytes"), true)
	f.Fuzz(func(t *testing.T, n uint64, float float64, seconds, nanoseconds int64, text string, data []byte, flag bool) {
		if len(data) == 0 {
			data = nil
		}
		both(t, flag, codec.WriteBool, codec.ReadBool, (*codec.Decoder).Bool)
		both(t, int8(n), codec.WriteInt8, codec.ReadInt8, (*codec.Decoder).Int8)
		both(t, int16(n), codec.WriteInt16, codec.ReadInt16, (*codec.Decoder).Int16)
		both(t, int32(n), codec.WriteInt32, codec.ReadInt32, (*codec.Decoder).Int32)
		both(t, int64(n), codec.WriteInt64, codec.ReadInt64, (*codec.Decoder).Int64)
		both(t, uint8(n), codec.WriteUint8, codec.ReadUint8, (*codec.Decoder).Uint8)
		both(t, uint16(n), codec.WriteUint16, codec.ReadUint16, (*codec.Decoder).Uint16)
		both(t, uint32(n), codec.WriteUint32, codec.ReadUint32, (*codec.Decoder).Uint32)
		both(t, n, codec.WriteUint64, codec.ReadUint64, (*codec.Decoder).Uint64)
		both(t, float32(float), codec.WriteFloat32, codec.ReadFloat32, (*codec.Decoder).Float32)
		both(t, float, codec.WriteFloat64, codec.ReadFloat64, (*codec.Decoder).Float64)
		both(t, time.Duration(n), codec.WriteDuration, codec.ReadDuration, (*codec.Decoder).Duration)
		both(t, time.Unix(seconds, nanoseconds).UTC(), codec.WriteTime, codec.ReadTime, (*codec.Decoder).Time)
		both(t, text, codec.WriteString, codec.ReadString, (*codec.Decoder).String)
		both(t, data, codec.WriteBytes, codec.ReadBytes, (*codec.Decoder).Bytes)
		both(t, []string{text, "", string(data)}, codec.WriteStringSlice, codec.ReadStringSlice, (*codec.Decoder).StringSlice)
	})
}

// both writes v behind other bytes and reads it before others, in both ways.
func both[T any](t *testing.T, v T, write func([]byte, T) []byte, read func([]byte) (T, []byte, error), decode func(*codec.Decoder, string) T) {
	t.Helper()
	data := write([]byte("before"), v)[len("before"):]
	got, rest, err := read(append(data, "after"...))
	if err != nil || string(rest) != "after" || !same(got, v) {
		t.Errorf("%T %v is read as %v with %q after it, %v", v, v, got, rest, err)
	}
	var d codec.Decoder
	d.Reset(data, true)
	if got := decode(&d, "v"); d.Err() != nil || !same(got, v) {
		t.Errorf("%T %v is decoded as %v, %v", v, v, got, d.Err())
	}
	for end := range data[:min(len(data), 50)] {
		if got, rest, err := read(data[:end]); err == nil || len(rest) != end {
			t.Errorf("%d bytes of %x are read as %v with %d after them, want an error and the bytes", end, data, got, len(rest))
		}
	}
}

// FuzzUnmarshal reads values of generated shape from any bytes. What is read is written
// and read again: that is the same value, and from then on the bytes are the same too.
func FuzzUnmarshal(f *testing.F) {
	f.Add(writeTree(nil, someTree()))
	f.Add(writeTree(nil, tree{}))
	f.Add(writeMixed(nil, benchMixed))
	f.Add(writeMixed(nil, mixed{}))
	for _, data := range hostile() {
		f.Add(data[:min(len(data), 2_000)])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		stable(t, data, writeTree, readTree)
		stable(t, data, writeMixed, readMixed)
	})
}

func stable[T any](t *testing.T, data []byte, write func([]byte, T) []byte, read func(*codec.Decoder, string) T) {
	var first, second T
	if codec.Unmarshal(data, "v", &first, read) != nil {
		return
	}
	written := write(nil, first)
	if err := codec.Unmarshal(written, "v", &second, read); err != nil {
		if e := err.(*codec.Error); strings.HasPrefix(e.Reason, "needs ") {
			return // bytes that were skipped had paid for its memory
		}
		t.Fatalf("%x was read, written as %x and refused: %v", data, written, err)
	}
	if again := write(nil, second); !bytes.Equal(again, written) {
		t.Fatalf("%x was read and written as %x, and that as %x", data, written, again)
	}
	if !reflect.DeepEqual(first, second) && !hasNaN(first) {
		t.Fatalf("%x was read as %v and then as %v", data, first, second)
	}
}

func hasNaN(v any) bool {
	m, ok := v.(mixed)
	return ok && m.Ratio != m.Ratio
}
