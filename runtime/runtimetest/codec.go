package runtimetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

// rounds is how many random values of a type a test tries.
const rounds = 100

// RoundTrip writes random values of T, the same in every run, and reads them: they come back as they
// were, and are written as the same bytes again. write and read are the generated functions WriteT and
// ReadT, unions the unions that a T can hold: one that is missing among them is tried without a case alone.
func RoundTrip[T any](t testing.TB, write func([]byte, T) []byte, read func(*codec.Decoder, string) T, unions ...Union) {
	t.Helper()
	for seed := range uint64(rounds) {
		v := random[T](seed, unions)
		if err := roundTrip(v, write, read); err != nil {
			t.Errorf("random %T number %d: %v", v, seed, err)
			return // one of a type tells enough
		}
	}
}

func roundTrip[T any](v T, write func([]byte, T) []byte, read func(*codec.Decoder, string) T) error {
	data := write(nil, v)
	given := bytes.Clone(data)
	var got T
	if err := codec.Unmarshal(data, "v", &got, read); err != nil {
		return fmt.Errorf("got %w, want %+v from %x", err, v, given)
	}
	clear(data) // nothing of got may lie in data
	if !reflect.DeepEqual(got, v) {
		return fmt.Errorf("got %+v, want %+v from %x", got, v, given)
	}
	if again := write(nil, got); !bytes.Equal(again, given) {
		return fmt.Errorf("%+v, once read, is written as %x, want %x as before", v, again, given)
	}
	return nil
}

// Fuzz is a fuzz target for T: whatever bytes come, reading them does not panic, and what can be read is
// written as bytes that are read as the same value. It begins with some random values. The
// parameters are those of [RoundTrip].
func Fuzz[T any](f *testing.F, write func([]byte, T) []byte, read func(*codec.Decoder, string) T, unions ...Union) {
	f.Helper()
	for seed := range uint64(8) {
		f.Add(write(nil, random[T](seed, unions)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := stable(data, write, read); err != nil {
			t.Error(err)
		}
	})
}

// stable reports what does not stay the same when data is read and written more than once. The first
// bytes may differ from the second: a newer peer's fields are left out, and a NaN has many forms.
func stable[T any](data []byte, write func([]byte, T) []byte, read func(*codec.Decoder, string) T) error {
	var first, second T
	if codec.Unmarshal(data, "v", &first, read) != nil {
		return nil
	}
	written := write(nil, first)
	if err := codec.Unmarshal(written, "v", &second, read); err != nil {
		if e, ok := errors.AsType[*codec.Error](err); ok && strings.HasPrefix(e.Reason, "needs ") {
			return nil // bytes that were skipped had paid for its memory
		}
		return fmt.Errorf("%x is read as %+v, that is written as %x, which is refused: %w", data, first, written, err)
	}
	if again := write(nil, second); !bytes.Equal(again, written) {
		return fmt.Errorf("%x is read as %+v, that is written as %x, and once read as %x", data, first, written, again)
	}
	return nil
}

// random returns a value of T that is the same for the same seed; that of 0 is the zero value.
func random[T any](seed uint64, unions []Union) (v T) {
	if seed > 0 {
		m := &maker{rand: rand.New(rand.NewPCG(seed, 0)), unions: unions, left: maxParts}
		m.fill(reflect.ValueOf(&v).Elem(), false)
	}
	return v
}
