package codec_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

func TestAllocations(t *testing.T) {
	buf := make([]byte, 0, 1<<14)
	scores := map[int32]string{}
	for i := range int32(32) {
		scores[i] = "x"
	}
	chatBytes := writeChat(nil, benchChat)
	listBytes := codec.WriteStringSlice(nil, benchList)
	noteBytes := writeNote(nil, note{"a note", 1})
	empties := codec.WriteStringSlice(nil, make([]string, 100))
	lentBytes := codec.WriteBytes(nil, make([]byte, 32<<10))
	var d codec.Decoder
	for _, test := range []struct {
		name string
		want float64
		work func()
	}{
		{"encode chat", 0, func() { buf = writeChat(buf[:0], benchChat) }},
		{"encode 100 strings", 0, func() { buf = codec.WriteStringSlice(buf[:0], benchList) }},
		{"encode mixed", 0, func() { buf = writeMixed(buf[:0], benchMixed) }},
		{"encode map of 32", 0, func() { buf = codec.WriteMap(buf[:0], scores, codec.WriteInt32, codec.WriteString) }},
		{"decode chat", 1, func() {
			d.Reset(chatBytes, true)
			sinkChat = readChat(&d, "")
		}},
		{"unmarshal chat", 1, func() { must(t, codec.Unmarshal(chatBytes, "chat", &sinkChat, readChat)) }},
		{"unmarshal chat on the stack", 1, func() { must(t, sinkChat.UnmarshalBinary(chatBytes)) }},
		{"unmarshal 100 strings", 2, func() { must(t, codec.Unmarshal(listBytes, "list", &sinkList, readList)) }},
		{"unmarshal 100 empty strings", 1, func() { must(t, codec.Unmarshal(empties, "list", &sinkList, readList)) }},
		{"ReadStringSlice", 2, func() { sinkList, _, _ = codec.ReadStringSlice(listBytes) }},
		{"ReadString", 1, func() { sinkChat.User, _, _ = codec.ReadString(chatBytes) }},
		{"ReadUint16", 0, func() { _, _, _ = codec.ReadUint16(chatBytes) }},
		{"decode lent bytes", 0, func() {
			d.Reset(lentBytes, true)
			d.Borrow(true)
			sinkBytes = d.Bytes("data")
		}},
		{"skip a struct's fields", 0, func() {
			d.Reset(noteBytes, true)
			readEmpty(&d, "")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(200, test.work); got > test.want {
				t.Errorf("%v allocations, want %v", got, test.want)
			}
		})
	}
}

// hostile messages are as large in memory as bytes allow.
func hostile() map[string][]byte {
	const size = 60_000
	fill := func(head []byte, part ...byte) []byte {
		return append(head, bytes.Repeat(part, (size-len(head))/len(part))...)
	}
	count := func(n int, part ...byte) []byte {
		return append(codec.WriteLength(nil, n), bytes.Repeat(part, n)...)
	}
	bounded := func(list []byte) []byte { return codec.EndLength(append([]byte{0, 0}, list...), 2) }
	deep := []byte{}
	for range 100 {
		deep = bounded(append([]byte{0, 0, 0, 0, 1}, deep...)) // tree: label, kids, next …
	}
	named := codec.WriteLength(nil, 12_000)
	counts := codec.WriteLength(nil, 12_000)
	for i := range uint16(12_000) {
		key := binary.BigEndian.AppendUint16([]byte{0, 2}, i)
		named = append(append(named, key...), 0, 0)
		counts = append(append(counts, key...), 0, 0)
	}
	return map[string][]byte{
		"huge count":             fill([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 0),
		"largest count":          fill([]byte{0xFF, 0xFE}, 0),
		"wide structs":           count(3_000, 0, 0),
		"wide structs, all":      count(29_000, 0, 0),
		"empty structs":          count(29_000, 0, 0),
		"one byte each":          count(19_000, 0, 1, 'x'),
		"maps of one":            count(9_000, 0, 1, 0, 0, 0, 0),
		"optionals":              count(20_000, 1, 0, 0),
		"unions":                 count(9_000, 0, 3, 0, 2, 0, 0),
		"unknown unions":         count(9_000, 0, 9, 0, 1, 7),
		"deep":                   deep,
		"map of empty structs":   named,
		"map of small numbers":   counts,
		"trees":                  bounded(append([]byte{0, 0}, count(20_000, 0, 0)...)),
		"trees of lists":         bounded(append([]byte{0, 0}, count(4_000, 0, 6, 0, 0, 0, 1, 0, 0)...)),
		"one string, many bytes": fill([]byte{0, 1, 'x'}, 0),
	}
}

// No message costs more memory than its budget, whatever type it is read as. What the
// allocator rounds sizes up by is not counted by the budget; an error costs a little.
func TestHostileMessagesStayInBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many large messages")
	}
	read := map[string]func(*codec.Decoder){
		"tree":    func(d *codec.Decoder) { readTree(d, "v") },
		"mixed":   func(d *codec.Decoder) { readMixed(d, "v") },
		"wide":    func(d *codec.Decoder) { codec.ReadSlice(d, "v", 2, readWide) },
		"trees":   func(d *codec.Decoder) { codec.ReadSlice(d, "v", 2, readTree) },
		"empties": func(d *codec.Decoder) { codec.ReadSlice(d, "v", 2, readEmpty) },
		"strings": func(d *codec.Decoder) { d.StringSlice("v") },
		"bytes":   func(d *codec.Decoder) { codec.ReadSlice(d, "v", 2, (*codec.Decoder).Bytes) },
		"picks":   func(d *codec.Decoder) { codec.ReadSlice(d, "v", 4, readPick) },
		"next":    func(d *codec.Decoder) { codec.ReadSlice(d, "v", 1, optionalReader(readTree)) },
		"counts":  func(d *codec.Decoder) { readCounts(d, "v") },
		"maps":    func(d *codec.Decoder) { codec.ReadSlice(d, "v", 2, readCounts) },
		"named": func(d *codec.Decoder) {
			codec.ReadMap(d, "v", 4, (*codec.Decoder).String, readTree)
		},
		"wide map": func(d *codec.Decoder) {
			codec.ReadMap(d, "v", 4, (*codec.Decoder).String, readWide)
		},
		"string": func(d *codec.Decoder) { _ = d.String("v") },
		"lent strings": func(d *codec.Decoder) {
			d.Borrow(true)
			d.StringSlice("v")
		},
		"lent mixed": func(d *codec.Decoder) {
			d.Borrow(true)
			readMixed(d, "v")
		},
	}
	for name, data := range hostile() {
		for as, read := range read {
			t.Run(name+" as "+as, func(t *testing.T) {
				var d codec.Decoder
				got := allocated(func() {
					d.Reset(data, true)
					read(&d)
				})
				limit := uint64(16*len(data) + 64<<10)
				if most := limit + limit/8 + 8<<10; got > most {
					t.Errorf("%d bytes allocated for a message of %d, want at most %d; error: %v", got, len(data), most, d.Err())
				}
			})
		}
	}
}

// allocated returns how many bytes of memory work allocates: the least of three runs,
// because other goroutines count too.
func allocated(work func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		work()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// The budget stands in nobody's way: values that people send are far below it.
func TestUsualMessagesFitTheBudget(t *testing.T) {
	notes := slices.Repeat([]note{{"", 1}}, 100_000)
	counts := map[string]uint16{}
	headers := map[string]string{}
	for i := range 60_000 {
		counts[fmt.Sprint(i)] = 1
		headers[fmt.Sprintf("key%d", i)] = ""
	}
	var maps []map[string]uint16
	for i := range 5_000 {
		maps = append(maps, map[string]uint16{"number of the thing " + fmt.Sprint(i): 1})
	}
	for name, err := range map[string]error{
		"notes":   roundTrip(notes, sliceWriter(writeNote), sliceReader(2, readNote)),
		"strings": roundTrip(strings.Fields(strings.Repeat("a ", 200_000)), codec.WriteStringSlice, (*codec.Decoder).StringSlice),
		"numbers": roundTrip(make([]uint64, 200_000), sliceWriter(codec.WriteUint64), sliceReader(8, (*codec.Decoder).Uint64)),
		"counts":  roundTrip(counts, writeCounts, readCounts),
		"maps":    roundTrip(maps, sliceWriter(writeCounts), sliceReader(2, readCounts)),
		"headers": roundTrip(headers, func(buf []byte, m map[string]string) []byte {
			return codec.WriteMap(buf, m, codec.WriteString, codec.WriteString)
		}, func(d *codec.Decoder, field string) map[string]string {
			return codec.ReadMap(d, field, 4, (*codec.Decoder).String, (*codec.Decoder).String)
		}),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
