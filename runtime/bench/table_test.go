package main

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	rates := &table{
		title:  "Rates",
		about:  "calls a second",
		format: perSecond,
		entrants: []entrant{
			{name: "raw", role: floor},
			{name: "slow raw", role: floor},
			{name: "quick", role: ours, beside: "slow raw"},
			{name: "other", role: ours, against: "slow raw"},
			{name: "a", role: other},
			{name: "b", role: other},
			{name: "absent", role: other},
		},
		targets: []target{
			{"1", "quick", toFloor, 0.8},
			{"1", "quick", toPeer, 12},
			{"1", "other", itself, 1e6},
			{"2", "quick", toFloor, 0.8}, // without a figure
		},
	}
	for _, s := range []struct {
		row, name string
		samples   []float64
	}{
		{"1", "raw", []float64{1e6, 7e6, 3e6, 2e6, 4e6}}, // median 3e6
		{"1", "slow raw", []float64{1e6, 2e6}},           // median 1.5e6
		{"1", "quick", []float64{2.4e6}},
		{"1", "other", []float64{900_000}},
		{"1", "a", []float64{200_000}},
		{"1", "b", []float64{240_000}},
		{"2", "raw", []float64{0}},
		{"2", "a", []float64{12.345}},
	} {
		for _, sample := range s.samples {
			rates.add(s.row, s.name, sample)
		}
	}
	const want = `### Rates

calls a second (higher is better)

|     | raw   | slow raw | quick | other | wanted              | a    | b    | quick ÷ floor | wanted       | quick ÷ slow raw | quick ÷ best peer | wanted              | other ÷ slow raw | other ÷ best peer | best peer ÷ floor |
| --- | ---:  | ---:     | ---:  | ---:  | ---:                | ---: | ---: | ---:          | ---:         | ---:             | ---:              | ---:                | ---:             | ---:              | ---:              |
| 1   | 3000k | 1500k    | 2400k | 900k  | ≥ 1000k: **missed** | 200k | 240k | 0.80x         | ≥ 0.80x: met | 1.60x            | 10.0x             | ≥ 12.0x: **missed** | 0.60x            | 3.75x             | 0.08x             |
| 2   | 0.00  |          |       |       |                     | 12.3 |      |               |              |                  |                   |                     |                  |                   |                   |

`
	var got strings.Builder
	if err := rates.write(&got); err != nil || got.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got.String(), want)
	}
}

// TestTableOfTimes has the best of a row be the lowest.
func TestTableOfTimes(t *testing.T) {
	times := &table{lowerWins: true, entrants: []entrant{{name: "x", role: other}, {name: "y", role: other}}}
	times.add("p50", "x", 5)
	times.add("p50", "y", 4)
	if got := times.best("p50", other); got != 4 {
		t.Errorf("got %v, want 4", got)
	}
}

// TestVerdict takes a bound for the most that may be where lower is better, else for the least.
func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		lowerWins bool
		v         float64
		want      string
	}{
		{false, 2, "≥ 2.00x: met"},
		{false, 1.9, "≥ 2.00x: **missed**"},
		{true, 2, "≤ 2.00x: met"},
		{true, 2.1, "≤ 2.00x: **missed**"},
	} {
		if got := (&table{lowerWins: test.lowerWins}).verdict(test.v, 2, ratio); got != test.want {
			t.Errorf("%v, lower wins: %t: got %q, want %q", test.v, test.lowerWins, got, test.want)
		}
	}
}

func TestTableWithoutSamples(t *testing.T) {
	var got strings.Builder
	if err := (&table{title: "Nothing"}).write(&got); err != nil || got.Len() > 0 {
		t.Errorf("got %q, %v; want nothing", got.String(), err)
	}
}

func TestPercentile(t *testing.T) {
	var sorted []time.Duration
	for i := range 200 {
		sorted = append(sorted, time.Duration(i))
	}
	for p, want := range map[int]time.Duration{0: 0, 50: 100, 99: 198, 100: 199} {
		if got := percentile(sorted, p); got != want {
			t.Errorf("%d of 100: got %d, want %d", p, got, want)
		}
	}
}
