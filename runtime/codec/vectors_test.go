package codec_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

// column is what a vector of one type needs: its value from JSON, and both directions.
type column struct {
	parse func(value string) (any, error)
	write func(buf []byte, v any) []byte
	read  func(data []byte) (any, error)
}

func columnOf[T any](write func([]byte, T) []byte, read func(*codec.Decoder, string) T) column {
	return columnFrom(parseJSON[T], write, read)
}

func columnFrom[T any](parse func(string) (T, error), write func([]byte, T) []byte, read func(*codec.Decoder, string) T) column {
	return column{
		parse: func(value string) (any, error) { return parse(value) },
		write: func(buf []byte, v any) []byte {
			t, _ := v.(T) // a nil union has no type
			return write(buf, t)
		},
		read: func(data []byte) (any, error) {
			var v T
			err := codec.Unmarshal(data, "", &v, read)
			return v, err
		},
	}
}

// columns holds the types of the vector files.
var columns = map[string]column{
	"bool":     columnOf(codec.WriteBool, (*codec.Decoder).Bool),
	"int8":     columnOf(codec.WriteInt8, (*codec.Decoder).Int8),
	"int16":    columnOf(codec.WriteInt16, (*codec.Decoder).Int16),
	"int32":    columnOf(codec.WriteInt32, (*codec.Decoder).Int32),
	"int64":    columnOf(codec.WriteInt64, (*codec.Decoder).Int64),
	"uint8":    columnOf(codec.WriteUint8, (*codec.Decoder).Uint8),
	"uint16":   columnOf(codec.WriteUint16, (*codec.Decoder).Uint16),
	"uint32":   columnOf(codec.WriteUint32, (*codec.Decoder).Uint32),
	"uint64":   columnOf(codec.WriteUint64, (*codec.Decoder).Uint64),
	"kind":     columnOf(writeKind, readKind),
	"float32":  columnFrom(parseFloat[float32], codec.WriteFloat32, (*codec.Decoder).Float32),
	"float64":  columnFrom(parseFloat[float64], codec.WriteFloat64, (*codec.Decoder).Float64),
	"time":     columnOf(codec.WriteTime, (*codec.Decoder).Time),
	"duration": columnOf(codec.WriteDuration, (*codec.Decoder).Duration),
	"string":   columnOf(codec.WriteString, (*codec.Decoder).String),
	"bytes":    columnOf(codec.WriteBytes, (*codec.Decoder).Bytes),

	"[]string":  columnOf(codec.WriteStringSlice, (*codec.Decoder).StringSlice),
	"[]uint32":  columnOf(sliceWriter(codec.WriteUint32), sliceReader(4, (*codec.Decoder).Uint32)),
	"[]uint8":   columnFrom(parseList[uint8], sliceWriter(codec.WriteUint8), sliceReader(1, (*codec.Decoder).Uint8)),
	"[]empty":   columnOf(sliceWriter(writeEmpty), sliceReader(2, readEmpty)),
	"[]note":    columnOf(sliceWriter(writeNote), sliceReader(2, readNote)),
	"[]wide":    columnOf(sliceWriter(func(buf []byte, _ wide) []byte { return buf }), sliceReader(2, readWide)),
	"[][]uint8": columnFrom(parseLists, sliceWriter(sliceWriter(codec.WriteUint8)), sliceReader(2, sliceReader(1, (*codec.Decoder).Uint8))),
	"[]?string": columnOf(sliceWriter(optionalWriter(codec.WriteString)), sliceReader(1, optionalReader((*codec.Decoder).String))),

	"map[string]uint16": columnOf(writeCounts, readCounts),
	"map[int16]bool": columnOf(
		func(buf []byte, m map[int16]bool) []byte {
			return codec.WriteMap(buf, m, codec.WriteInt16, codec.WriteBool)
		},
		func(d *codec.Decoder, field string) map[int16]bool {
			return codec.ReadMap(d, field, 3, (*codec.Decoder).Int16, (*codec.Decoder).Bool)
		}),
	"map[bool]string": columnFrom(parseBools, writeBools,
		func(d *codec.Decoder, field string) map[bool]string {
			return codec.ReadBoolMap(d, field, 3, (*codec.Decoder).String)
		}),
	"map[kind]note": columnOf(
		func(buf []byte, m map[kind]note) []byte { return codec.WriteMap(buf, m, writeKind, writeNote) },
		func(d *codec.Decoder, field string) map[kind]note {
			return codec.ReadMap(d, field, 4, readKind, readNote)
		}),

	"?string":  columnOf(optionalWriter(codec.WriteString), optionalReader((*codec.Decoder).String)),
	"?bytes":   columnOf(presentWriter(codec.WriteBytes, isNilSlice), codec.ReadOptionalBytes),
	"?[]uint8": columnFrom(parseList[uint8], presentWriter(sliceWriter(codec.WriteUint8), isNilSlice), readOptionalList),
	"?map[string]uint16": columnOf(presentWriter(writeCounts, func(m map[string]uint16) bool { return m == nil }),
		func(d *codec.Decoder, field string) map[string]uint16 {
			return codec.ReadOptionalMap(d, field, 4, (*codec.Decoder).String, (*codec.Decoder).Uint16)
		}),
	"?map[bool]string": columnFrom(parseBools, presentWriter(writeBools, func(m map[bool]string) bool { return m == nil }),
		func(d *codec.Decoder, field string) map[bool]string {
			return codec.ReadOptionalBoolMap(d, field, 3, (*codec.Decoder).String)
		}),
	"?pick": columnFrom(parsePick, presentWriter(writePick, func(v pick) bool { return v == nil }),
		func(d *codec.Decoder, field string) pick { return codec.ReadOptionalUnion(d, field, readPick) }),

	"empty": columnOf(writeEmpty, readEmpty),
	"note":  columnOf(writeNote, readNote),
	"pair":  columnOf(writePair, readPair),
	"chain": columnOf(writeChain, readChain),
	"pick":  columnFrom(parsePick, writePick, readPick),
}

func TestVectors(t *testing.T) {
	lines(t, "testdata/vectors.txt", 3, func(t *testing.T, typ column, row []string) {
		want, wantBytes := valueOf(t, typ, row[1]), bytesOf(t, row[2])
		if got := typ.write(nil, want); !bytes.Equal(got, wantBytes) {
			t.Errorf("written as %s, want %s", short(got), short(wantBytes))
		}
		prefix := []byte("before")
		if got := typ.write(prefix, want); !bytes.Equal(got, append(prefix, wantBytes...)) {
			t.Errorf("written behind other bytes: %s, want %s behind them", short(got), short(wantBytes))
		}
		got, err := typ.read(wantBytes)
		if err != nil || !same(got, want) {
			t.Errorf("read as %.200v, %v, want %.200v", got, err, want)
		}
	})
}

func TestReadVectors(t *testing.T) {
	lines(t, "testdata/read.txt", 3, func(t *testing.T, typ column, row []string) {
		want := valueOf(t, typ, row[1])
		got, err := typ.read(bytesOf(t, row[2]))
		if err != nil || !same(got, want) {
			t.Errorf("read as %.200v, %v, want %.200v", got, err, want)
		}
	})
}

func TestRefusedVectors(t *testing.T) {
	lines(t, "testdata/refused.txt", 3, func(t *testing.T, typ column, row []string) {
		got, err := typ.read(bytesOf(t, row[1]))
		if err == nil {
			t.Fatalf("read as %.200v, want the error %s", got, row[2])
		}
		if strconv.IntSize == 32 && strings.Contains(row[2], " of memory") {
			return // the sizes in the text are those of a 64-bit machine
		}
		if err.Error() != row[2] {
			t.Errorf("error %s, want %s", err, row[2])
		}
		if e := (*codec.Error)(nil); !errors.As(err, &e) {
			t.Errorf("error is a %T, want an *Error", err)
		}
	})
}

// A value that is cut off anywhere is refused, at any of its bytes: that a struct may
// end early is told by its length alone.
func TestCutVectors(t *testing.T) {
	lines(t, "testdata/vectors.txt", 3, func(t *testing.T, typ column, row []string) {
		data := bytesOf(t, row[2])
		for end := range min(len(data), 300) {
			if got, err := typ.read(data[:end]); err == nil {
				t.Errorf("%d of %d bytes are read as %.200v, want an error", end, len(data), got)
			}
		}
	})
}

// lines calls test, as a subtest, for each line of the vector file.
func lines(t *testing.T, name string, width int, test func(*testing.T, column, []string)) {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, " | ")
		if len(row) == 2 && strings.Contains(line, " | | ") {
			row = []string{row[0], "", strings.TrimPrefix(row[1], "| ")}
		}
		typ, ok := columns[row[0]]
		if !ok || len(row) != width {
			t.Fatalf("%s:%d: %q is no vector", name, n, line)
		}
		t.Run(fmt.Sprintf("%d:%s", n, row[0]), func(t *testing.T) { test(t, typ, row) })
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
}

func valueOf(t *testing.T, typ column, text string) any {
	t.Helper()
	v, err := typ.parse(text)
	if err != nil {
		t.Fatalf("value %.80s: %v", text, err)
	}
	return v
}

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	var data []byte
	for _, word := range strings.Fields(text) {
		digits, times, many := strings.Cut(word, "*")
		n := 1
		if many {
			n, _ = strconv.Atoi(times)
		}
		b, err := hex.DecodeString(digits)
		if err != nil || n < 1 {
			t.Fatalf("bytes %q: %v", word, err)
		}
		data = append(data, bytes.Repeat(b, n)...)
	}
	return data
}

// same is reflect.DeepEqual, but that a NaN is a NaN.
func same(a, b any) bool {
	switch a := a.(type) {
	case float32:
		b := b.(float32)
		return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
	case float64:
		b := b.(float64)
		return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
	}
	return reflect.DeepEqual(a, b)
}

func short(data []byte) string {
	if len(data) > 100 {
		return fmt.Sprintf("%x… (%d bytes)", data[:100], len(data))
	}
	return fmt.Sprintf("%x", data)
}

// parseJSON is json.Unmarshal that knows {"repeat": …, "times": …} for a string.
func parseJSON[T any](text string) (v T, err error) {
	for {
		start := strings.Index(text, `{"repeat"`)
		if start < 0 {
			return v, json.Unmarshal([]byte(text), &v)
		}
		end := start + strings.Index(text[start:], "}") + 1
		var many struct {
			Repeat string
			Times  int
		}
		if err := json.Unmarshal([]byte(text[start:end]), &many); err != nil {
			return v, err
		}
		var whole any = strings.Repeat(many.Repeat, many.Times)
		if _, ok := any(v).([]byte); ok {
			whole = []byte(whole.(string))
		}
		long, _ := json.Marshal(whole)
		text = text[:start] + string(long) + text[end:]
	}
}
