package codec_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

// The floor writes the codec's bytes, and checks as much: of a message that is cut short
// or has one byte changed, both read the same value, or both read none.
func TestFloorChecksWhatTheCodecChecks(t *testing.T) {
	data := writeMixed(nil, benchMixed)
	if got := floorWriteMixed(nil, benchMixed); !bytes.Equal(got, data) {
		t.Fatalf("the floor wrote %x, want %x", got, data)
	}
	var damaged [][]byte
	for i := range data {
		damaged = append(damaged, data[:i])
		for _, b := range []byte{0, 1, 2, 0x7F, 0xFF, data[i] + 1, data[i] - 1} {
			changed := slices.Clone(data)
			changed[i] = b
			damaged = append(damaged, changed)
		}
	}
	refused := 0
	for _, message := range damaged {
		got, gotErr := floorReadMixed(message)
		var want mixed
		wantErr := codec.Unmarshal(message, "mixed", &want, readMixed)
		if (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("%x: floor %v, codec %v", message, gotErr, wantErr)
		}
		if wantErr != nil {
			refused++
		} else if !reflect.DeepEqual(got, want) && got.Ratio == got.Ratio {
			t.Fatalf("%x: floor %+v, codec %+v", message, got, want)
		}
	}
	if refused == 0 || refused == len(damaged) {
		t.Fatalf("%d of %d damaged messages refused, want some", refused, len(damaged))
	}
}
