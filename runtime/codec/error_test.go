package codec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

// b puts parts together: an int is a byte, a string is written as a string.
func b(parts ...any) []byte {
	var data []byte
	for _, part := range parts {
		switch v := part.(type) {
		case int:
			data = append(data, byte(v))
		case string:
			data = codec.WriteString(data, v)
		case []byte:
			data = append(data, v...)
		}
	}
	return data
}

// body puts a length before parts.
func body(parts ...any) []byte {
	buf, start := codec.BeginLength(nil)
	return codec.EndLength(append(buf, b(parts...)...), start)
}

func TestErrorPaths(t *testing.T) {
	none := []byte{0, 0} // of a list, a map, a struct, a string
	tooLong := []byte{0, 40, 'x', 'x'}
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"field", body(tooLong), `root.label at offset 2: string of 40 bytes, only 2 remain`},
		{"whole value", b(0, 9, 0), `root at offset 0: struct of 9 bytes, only 1 remains`},
		{"nothing", nil, `root at offset 0: missing`},
		{"list", body(none, 0, 2, none, body(tooLong)), `root.kids[1].label at offset 10: string of 40 bytes, only 2 remain`},
		{"count", body(none, 0, 9, none), `root.kids at offset 4: list of 9 elements of 2 bytes or more, only 2 remain`},
		{"list in list", body(none, 0, 1, body("a", 0, 1, body(tooLong))), `root.kids[0].kids[0].label at offset 15: string of 40 bytes, only 2 remain`},
		{"optional", body(none, none, 1, body("a", 0)), `root.next.kids at offset 12: 2 bytes wanted, only 1 remains`},
		{"optional, missing", body(none, none, 1), `root.next at offset 7: missing`},
		{"presence", body(none, none, 7), `root.next at offset 6: presence of 7, want 0 or 1`},
		{"map's value", body(none, none, 0, 0, 1, "bob", body(tooLong)), `root.named["bob"].label at offset 16: string of 40 bytes, only 2 remain`},
		{"map's key", body(none, none, 0, 0, 1, tooLong), `root.named[key 0] at offset 9: string of 40 bytes, only 2 remain`},
		{"map's order", body(none, none, 0, 0, 2, "b", none, "a", none), `root.named[key 1] at offset 14: key "a" after "b", want ascending keys`},
		{"union's case", body(none, none, 0, none, 0, 1, body(body("t"), 9)[:6]), `root.pick at offset 9: union of 6 bytes, only 4 remain`},
		{"union's value", body(none, none, 0, none, 0, 1, body(body(tooLong))), `root.pick.note.text at offset 15: string of 40 bytes, only 2 remain`},
		{"union's value, missing", body(none, none, 0, none, 0, 1, body()), `root.pick.note at offset 13: missing`},
		{"union in union", body(none, none, 0, none, 0, 3, body(body(none, none, 0, none, 0, 1, body(body("t", 9)[:3])))),
			`root.pick.tree.pick.note at offset 26: struct of 4 bytes, only 1 remains`},
		{"optional map", body(none, none, 0, none, 0, 0, none, 1, 0, 1, 2, none), `root.flags[key 0] at offset 16: bool of 2, want 0 or 1`},
		{"list in optional map", body(none, none, 0, none, 0, 0, none, 1, 0, 1, 1, 0, 2, 0, 1, 0), `root.flags[true] at offset 17: list of 2 elements of 2 bytes or more, only 3 remain`},
		{"optional bytes", body(none, none, 0, none, 0, 0, none, 0, 1, tooLong), `root.maybe at offset 15: bytes of 40 bytes, only 2 remain`},
		{"optional list", body(none, none, 0, none, 0, 0, none, 0, 0, 1, 0, 2, none, 0, 9), `root.tags[1] at offset 20: string of 9 bytes, none remain`},
		{"optional map's value", body(none, none, 0, none, 0, 0, none, 0, 0, 0, 1, 0, 1, 0, 5, 6), `root.ranks[5] at offset 21: bool of 6, want 0 or 1`},
		{"optional union", body(none, none, 0, none, 0, 0, none, 0, 0, 0, 0, 1, 0, 1, body(body("t", 9, 9)[:5])),
			`root.choice.note at offset 22: struct of 5 bytes, only 3 remain`},
		{"struct in list", body(none, none, 0, none, 0, 0, none, 0, 0, 0, 0, 0, 0, 1, 0, 9), `root.empty[0] at offset 20: struct of 9 bytes, none remain`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var v tree
			err := codec.Unmarshal(test.data, "root", &v, readTree)
			if err == nil {
				t.Fatalf("no error, want %s", test.want)
			}
			if got := err.Error(); got != test.want {
				t.Errorf("error\n%s, want\n%s", got, test.want)
			}
		})
	}
}

// The first error is the one that is told; what is read after it is zero, and names of
// what began after it stay out of the path.
func TestFirstErrorSticks(t *testing.T) {
	var d codec.Decoder
	d.Reset([]byte{2, 0, 1, 'x', 0, 0}, true)
	if d.Bool("first"); d.Err() == nil {
		t.Fatal("a bool of 2 is no error")
	}
	if got := d.String("second"); got != "" {
		t.Errorf("string after an error: %q, want none", got)
	}
	if got := readNote(&d, "third"); got != (note{}) {
		t.Errorf("struct after an error: %v, want zero", got)
	}
	if got := readPick(&d, "fourth"); got != nil {
		t.Errorf("union after an error: %v, want none", got)
	}
	if got := codec.ReadOptional(&d, "fifth", readNote); got != nil {
		t.Errorf("optional after an error: %v, want none", got)
	}
	if got := readCounts(&d, "sixth"); got != nil {
		t.Errorf("map after an error: %v, want none", got)
	}
	if got := d.Rest(); got != nil {
		t.Errorf("rest after an error: %v, want none", got)
	}
	const want = "first at offset 0: bool of 2, want 0 or 1"
	if got := d.Finish().Error(); got != want {
		t.Errorf("error %s, want %s", got, want)
	}
	d.Reset([]byte{1}, true)
	if got, err := d.Bool("again"), d.Err(); !got || err != nil {
		t.Errorf("after Reset: %v, %v, want true and no error", got, err)
	}
}

func TestLongMapKeysAreCut(t *testing.T) {
	data := b(0, 1, strings.Repeat("k", 50), 0)
	var d codec.Decoder
	d.Reset(append(data, 0), true)
	codec.ReadMap(&d, "m", 3, (*codec.Decoder).String, (*codec.Decoder).Bool)
	if err := d.Err(); err != nil {
		t.Fatalf("a good map: %v", err)
	}
	data[len(data)-1] = 9
	d.Reset(data, true)
	codec.ReadMap(&d, "m", 3, (*codec.Decoder).String, (*codec.Decoder).Bool)
	want := `m["` + strings.Repeat("k", 40) + `"…] at offset 54: bool of 9, want 0 or 1`
	if got := d.Err(); got == nil || got.Error() != want {
		t.Errorf("error %v, want %s", got, want)
	}
}

// Strict and lenient differ at the end of a message, and nowhere else.
func TestMissingAtTheEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		strict bool
		data   []byte
		want   string
	}{
		{"strict, nothing", true, nil, "user at offset 0: missing"},
		{"lenient, nothing", false, nil, ""},
		{"lenient, one of two", false, b("alice"), ""},
		{"strict, one of two", true, b("alice"), "note at offset 7: missing"},
		{"lenient, half", false, b("alice", 0), "note at offset 7: 2 bytes wanted, only 1 remains"},
		{"strict, an older struct", true, b("alice", body()), ""},
		{"lenient, a list cut", false, b("alice", body(), 0, 1), "list at offset 9: list of 1 element of 2 bytes or more, none remain"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var d codec.Decoder
			d.Reset(test.data, test.strict)
			d.String("user")
			readNote(&d, "note")
			if !test.strict {
				d.StringSlice("list")
				readPick(&d, "pick")
				codec.ReadOptional(&d, "optional", readNote)
				d.Time("time")
			}
			got := ""
			if err := d.Err(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
		})
	}
}

func TestUnmarshalLeavesValueOnError(t *testing.T) {
	v := note{"kept", 5}
	err := codec.Unmarshal(body("new"), "note", &v, readNote)
	if err != nil || v != (note{"new", 0}) {
		t.Fatalf("%v, %v, want the new note", v, err)
	}
	err = codec.Unmarshal(body("newer", 1)[:4], "note", &v, readNote)
	if e := (*codec.Error)(nil); !errors.As(err, &e) || e.Field != "note" || e.Offset != 0 {
		t.Errorf("error %#v, want one of note at offset 0", err)
	}
	if v != (note{"new", 0}) {
		t.Errorf("after an error the value is %v, want it unchanged", v)
	}
}

func TestUnmarshalKeepsNothing(t *testing.T) {
	for _, data := range [][]byte{b("text", "unread"), {9}} {
		var used *codec.Decoder
		var v string
		codec.Unmarshal(data, "v", &v, func(d *codec.Decoder, field string) string {
			used = d
			return d.String(field)
		})
		if rest, err := used.Rest(), used.Err(); rest != nil || err != nil {
			t.Errorf("an idle Decoder still has %q, %v, want nothing", rest, err)
		}
	}
}
