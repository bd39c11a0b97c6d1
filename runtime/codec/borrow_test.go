package codec_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/parley-rpc/parley/runtime/codec"
)

// within reports whether part lies in the memory of whole.
func within(part, whole []byte) bool {
	first, at := uintptr(unsafe.Pointer(unsafe.SliceData(whole))), uintptr(unsafe.Pointer(unsafe.SliceData(part)))
	return first <= at && at+uintptr(len(part)) <= first+uintptr(len(whole))
}

// TestBorrow reads bytes, optional bytes, bytes in a list and the rest of a message, lent and not.
func TestBorrow(t *testing.T) {
	data := codec.WriteBytes(nil, []byte("one"))
	data = append(data, 1)
	data = codec.WriteBytes(data, []byte("two"))
	data = codec.WriteSlice(data, [][]byte{[]byte("three")}, codec.WriteBytes)
	data = append(data, "four"...)
	var d codec.Decoder
	for _, lend := range []bool{true, false} {
		d.Reset(data, true)
		d.Borrow(lend)
		parts := [][]byte{d.Bytes("one"), codec.ReadOptionalBytes(&d, "two"),
			codec.ReadSlice(&d, "three", 2, (*codec.Decoder).Bytes)[0], d.Rest()}
		if got := bytes.Join(parts, []byte(" ")); string(got) != "one two three four" || d.Err() != nil {
			t.Errorf("lent %t: got %q, %v", lend, got, d.Err())
		}
		for _, part := range parts {
			if within(part, data) != lend {
				t.Errorf("lent %t: %q lies in the message: %t", lend, part, !lend)
			}
			if lend && cap(part) != len(part) {
				t.Errorf("%q has capacity %d, want none behind it", part, cap(part))
			}
		}
	}
}

// TestBorrowEndsWithReset has a decoder that has lent read another message.
func TestBorrowEndsWithReset(t *testing.T) {
	data := codec.WriteBytes(nil, []byte("mine"))
	var d codec.Decoder
	d.Reset(data, true)
	d.Borrow(true)
	d.Reset(data, true)
	if got := d.Bytes("own"); within(got, data) {
		t.Errorf("after Reset %q lies in the message, want a copy", got)
	}
}

// TestBorrowNone reads what is empty: none is nil, and present and empty is not.
func TestBorrowNone(t *testing.T) {
	var d codec.Decoder
	d.Reset([]byte{0, 0, 1, 0, 0}, true)
	d.Borrow(true)
	if got := d.Bytes("none"); got != nil {
		t.Errorf("got %v, want nil", got)
	}
	if got := codec.ReadOptionalBytes(&d, "present"); got == nil || len(got) > 0 {
		t.Errorf("got %#v, want empty and not nil", got)
	}
	if got := d.Rest(); got != nil || d.Err() != nil {
		t.Errorf("got %v, %v, want nil", got, d.Err())
	}
}

// TestBorrowStrings overwrites a message after its strings were read: they are copies.
func TestBorrowStrings(t *testing.T) {
	want := []string{"a", "", "a longer one", strings.Repeat("x", 40)}
	data := codec.WriteStringSlice(nil, want)
	var d codec.Decoder
	d.Reset(data, true)
	d.Borrow(true)
	got := d.StringSlice("list")
	clear(data)
	if !reflect.DeepEqual(got, want) || d.Err() != nil {
		t.Errorf("got %q, %v, want %q", got, d.Err(), want)
	}
}

// TestBorrowSameValue reads a value of many sorts both ways.
func TestBorrowSameValue(t *testing.T) {
	data := writeMixed(nil, benchMixed)
	var d codec.Decoder
	d.Reset(data, true)
	d.Borrow(true)
	if got := readMixed(&d, "v"); !reflect.DeepEqual(got, benchMixed) || d.Err() != nil {
		t.Errorf("got %+v, %v, want %+v", got, d.Err(), benchMixed)
	}
}

// TestBorrowAllocations has a message of a name and much data: only the name costs memory.
func TestBorrowAllocations(t *testing.T) {
	data := codec.WriteBytes(codec.WriteString(nil, "name"), make([]byte, 32<<10))
	var d codec.Decoder
	var size int
	read := func() {
		d.Reset(data, true)
		d.Borrow(true)
		size = len(d.String("name")) + len(d.Bytes("data"))
	}
	if got := allocated(read); got > 1<<10 || size != 4+32<<10 {
		t.Errorf("%d bytes allocated to read %d, want few", got, size)
	}
}
