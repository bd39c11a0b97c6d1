package runtimetest

import (
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

// TestStable tries what a fuzz target does with the bytes that it gets.
func TestStable(t *testing.T) {
	count := byte(0)
	readText := func(d *codec.Decoder, field string) string { return d.String(field) }
	for _, test := range []struct {
		name  string
		data  string
		write func([]byte, string) []byte
		want  string // in the error, if there is to be one
	}{
		{"it can be read", "\x00\x01a", codec.WriteString, ""},
		{"bytes that follow are left out", "\x00\x01abc", codec.WriteString, ""},
		{"it cannot be read", "\x00\x02a", codec.WriteString, ""},
		{"it is written otherwise each time", "\x00\x01a", func(buf []byte, v string) []byte {
			count++
			return append(codec.WriteString(buf, v), count)
		}, "and once read as"},
		{"what is written cannot be read", "\x00\x01a", func(buf []byte, v string) []byte { return append(buf, v...) }, "which is refused"},
	} {
		err := stable([]byte(test.data), test.write, readText)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}
