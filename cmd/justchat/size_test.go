package main

import (
	"flag"
	"io"
	"math"
	"strings"
	"testing"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]struct {
		bytes int64
		shown string
	}{
		"0": {0, "0B"}, "0B": {0, "0B"}, "1B": {1, "1B"}, "1023B": {1023, "1023B"}, "1KiB": {1 << 10, "1KiB"},
		"512MiB": {512 << 20, "512MiB"}, "16GiB": {16 << 30, "16GiB"}, "16 gib": {16 << 30, "16GiB"},
		"1.5GiB": {3 << 29, "1.5GiB"}, ".5TiB": {1 << 39, "512GiB"}, "2048TiB": {1 << 51, "2048TiB"},
		"1025KiB": {1025 << 10, "1MiB"},
	} {
		var s size
		if err := s.Set(text); err != nil || int64(s) != want.bytes || s.String() != want.shown {
			t.Errorf("%q: got %d, %s, %v, want %d, %s", text, s, s.String(), err, want.bytes, want.shown)
		}
	}
	for _, text := range []string{"", "16", "GiB", "-1GiB", "+1GiB", "1e3GiB", "0x10B", "1_000B", "NaNB", "InfB", "16 gigs", "16GB", "16G", "1.2.3GiB",
		"9000000TiB", "16GiB16", "1 6GiB", "16GiBGiB", strings.Repeat("9", 400) + "B"} {
		s := size(7)
		if err := s.Set(text); err == nil || s != 7 {
			t.Errorf("%q: got %d, %v, want an error", text, s, err)
		}
	}
	if s := size(math.MaxInt64); s.String() != "8388608TiB" {
		t.Errorf("got %s, want what it is in TiB", s.String())
	}
}

func TestSizeFlag(t *testing.T) {
	flags := flag.NewFlagSet("x", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	s := size(16 << 30)
	flags.Var(&s, "quota", "how many `bytes`")
	err := flags.Parse([]string{"-quota", "16"})
	if err == nil || err.Error() != `invalid value "16" for flag -quota: write a number with one of B, KiB, MiB, GiB, TiB, as in 512MiB or 16GiB` {
		t.Errorf("got %v, want what is wrong, and what to write", err)
	}
	var help strings.Builder
	flags.SetOutput(&help)
	flags.PrintDefaults()
	if got := help.String(); !strings.Contains(got, "(default 16GiB)") {
		t.Errorf("got %q, want the default in it", got)
	}
}
