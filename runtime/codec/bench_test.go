package codec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/codec"
)

var (
	benchChat  = chat{"alice", "bob", "shall we say half past three, by the fountain?"}
	benchList  = slices.Repeat([]string{strings.Repeat("abcd", 10)}, 100)
	benchReply = "yes"
	benchMixed = mixed{
		ID: 1 << 60, Kind: 3, Delta: -7, Ratio: 0.5, Live: true,
		Name: "the name of a thing", Data: []byte("sixteen bytes ok"),
		Origin: note{"somewhere", 2},
		Notes:  []note{{"first", 1}, {"second", 2}, {"third", 3}, {"fourth", 4}},
		Scores: map[string]uint32{"alice": 10, "bob": 20, "carol": 30, "dave": 40},
		Reply:  &benchReply,
		At:     time.Date(2026, 11, 21, 12, 0, 0, 5, time.UTC),
		Took:   1500 * time.Millisecond,
	}
)

// Where results go, so that the compiler cannot leave the work away.
var (
	sinkChat  chat
	sinkBytes []byte
	sinkList  []string
	sinkMixed mixed
)

func readList(d *codec.Decoder, field string) []string { return d.StringSlice(field) }

// Each benchmark times ours and the floor's work in turns and reports the medians of
// the turns, in nanoseconds, and ours over floor. The ns/op of the testing package are
// those of both together.

func BenchmarkEncodeChat(b *testing.B) {
	buf := make([]byte, 0, 1<<10)
	compare(b,
		func() { buf = writeChat(buf[:0], benchChat) },
		func() { buf = floorWriteChat(buf[:0], benchChat) })
}

func BenchmarkDecodeChat(b *testing.B) {
	data := writeChat(nil, benchChat)
	var d codec.Decoder // as in a call
	compare(b,
		func() {
			d.Reset(data, true)
			sinkChat = readChat(&d, "chat")
			must(b, d.Err())
		},
		func() {
			var err error
			sinkChat, err = floorReadChat(data)
			must(b, err)
		})
}

func BenchmarkUnmarshalChat(b *testing.B) {
	data := writeChat(nil, benchChat)
	compare(b,
		func() { must(b, sinkChat.UnmarshalBinary(data)) },
		func() {
			var err error
			sinkChat, err = floorReadChat(data)
			must(b, err)
		})
}

func BenchmarkEncodeStrings(b *testing.B) {
	buf := make([]byte, 0, 1<<13)
	compare(b,
		func() { buf = codec.WriteStringSlice(buf[:0], benchList) },
		func() { buf = floorWriteStrings(buf[:0], benchList) })
}

func BenchmarkUnmarshalStrings(b *testing.B) {
	data := codec.WriteStringSlice(nil, benchList)
	compare(b,
		func() { must(b, codec.Unmarshal(data, "list", &sinkList, readList)) },
		func() {
			var err error
			sinkList, err = floorReadStrings(data)
			must(b, err)
		})
}

func BenchmarkEncodeMixed(b *testing.B) {
	buf := make([]byte, 0, 1<<10)
	compare(b,
		func() { buf = writeMixed(buf[:0], benchMixed) },
		func() { buf = floorWriteMixed(buf[:0], benchMixed) })
}

func BenchmarkDecodeMixed(b *testing.B) {
	data := writeMixed(nil, benchMixed)
	var d codec.Decoder // as in a call
	compare(b,
		func() {
			d.Reset(data, true)
			sinkMixed = readMixed(&d, "mixed")
			must(b, d.Err())
		},
		func() {
			var err error
			sinkMixed, err = floorReadMixed(data)
			must(b, err)
		})
}

func BenchmarkUnmarshalMixed(b *testing.B) {
	data := writeMixed(nil, benchMixed)
	compare(b,
		func() { must(b, codec.Unmarshal(data, "mixed", &sinkMixed, readMixed)) },
		func() {
			var err error
			sinkMixed, err = floorReadMixed(data)
			must(b, err)
		})
}

// compare runs ours and floor b.N times each, in turns of a length that a clock can see.
func compare(b *testing.B, ours, floor func()) {
	const turn = 500
	var oursTook, floorTook []float64
	b.ReportAllocs()
	for b.Loop() {
		oursTook = append(oursTook, timed(turn, ours))
		floorTook = append(floorTook, timed(turn, floor))
	}
	mine, theirs := median(oursTook), median(floorTook)
	b.ReportMetric(mine, "ours-ns")
	b.ReportMetric(theirs, "floor-ns")
	b.ReportMetric(mine/theirs, "x-floor")
}

func timed(times int, work func()) float64 {
	start := time.Now()
	for range times {
		work()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(times)
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func must(tb testing.TB, err error) {
	if err != nil {
		tb.Fatal(fmt.Errorf("decode: %w", err))
	}
}
