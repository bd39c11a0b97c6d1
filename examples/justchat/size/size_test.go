package size

import (
	"math"
	"testing"
)

func TestOf(t *testing.T) {
	for bytes, want := range map[int64]string{
		-1: "0 B", 0: "0 B", 1: "1 B", 999: "999 B", 1000: "1.0 kB", 1049: "1.0 kB", 1051: "1.1 kB",
		9949: "9.9 kB", 9950: "10 kB", 64 << 10: "66 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		1_234_567: "1.2 MB", 130_000_000: "130 MB", 1_200_000_000: "1.2 GB", 4 << 30: "4.3 GB", math.MaxInt64: "9.2 EB",
	} {
		if got := Of(bytes); got != want {
			t.Errorf("Of(%d): got %q, want %q", bytes, got, want)
		}
	}
}

func TestOver(t *testing.T) {
	for _, test := range []struct {
		bytes, limit int64
		much, most   string
	}{
		{5_900_000, 5_000_000, "5.9 MB", "5.0 MB"},
		{4<<30 + 1, 4 << 30, "4294967297 B", "4294967296 B"},
	} {
		if much, most := Over(test.bytes, test.limit); much != test.much || most != test.most {
			t.Errorf("Over(%d, %d): got %q and %q, want %q and %q", test.bytes, test.limit, much, most, test.much, test.most)
		}
	}
}
