package main

import (
	"bytes"
	"os/exec"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"
)

// TestCodecs has every codec encode and decode every sample, so that the times are those
// of work that was done.
func TestCodecs(t *testing.T) {
	for _, c := range codecs {
		for name, test := range map[string]struct {
			codecCase
			want []any // one of these is decoded
		}{
			"chat":  {c.chat, []any{&chat, &chatMsgp, chatPB}},
			"lines": {c.lines, []any{&lines, &linesMsgp, linesPB}},
			"mixed": {c.mixed, []any{&mixed, &mixedMsgp, mixedPB}},
		} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				data, err := test.encode(nil)
				if err != nil {
					t.Fatal(err)
				}
				chatSink, linesSink, mixedSink, protoSink = nil, nil, nil, nil
				chatMsgpSink, linesMsgpSink, mixedMsgpSink = nil, nil, nil
				if err := test.decode(data); err != nil {
					t.Fatal(err)
				}
				if mixedMsgpSink != nil { // msgp leaves times in the local zone
					mixedMsgpSink.At = mixedMsgpSink.At.UTC()
				}
				if !decodedOneOf(test.want) {
					t.Error("what was decoded is not what was encoded")
				}
				if err := test.decode(data[:len(data)-1]); err == nil {
					t.Error("a message that was cut short decodes")
				}
			})
		}
	}
}

// decodedOneOf reports whether a sink holds one of the values.
func decodedOneOf(want []any) bool {
	for _, sink := range []any{chatSink, linesSink, mixedSink, chatMsgpSink, linesMsgpSink, mixedMsgpSink} {
		for _, v := range want {
			if reflect.DeepEqual(sink, v) {
				return true
			}
		}
	}
	for _, v := range want {
		if message, ok := v.(proto.Message); ok && protoSink != nil && proto.Equal(protoSink, message) {
			return true
		}
	}
	return false
}

// TestFloorSpeaksParley holds the floor to the very encoding that it is the floor of.
func TestFloorSpeaksParley(t *testing.T) {
	hand, generated := codecs[0], codecs[1]
	for i, pair := range [][2]codecCase{{hand.chat, generated.chat}, {hand.lines, generated.lines}, {hand.mixed, generated.mixed}} {
		got, _ := pair[0].encode(nil)
		want, err := pair[1].encode(nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("sample %d: by hand %x, generated %x, %v", i, got, want, err)
		}
	}
}

// TestEncodeReusesBuffer keeps the growth of buffers out of what is measured.
func TestEncodeReusesBuffer(t *testing.T) {
	for _, c := range codecs {
		for i, test := range []codecCase{c.chat, c.lines, c.mixed} {
			data, err := test.encode(nil)
			if err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 0, 2*len(data))
			if again, err := test.encode(buf); err != nil || &again[0] != &buf[:1][0] {
				t.Errorf("%s, sample %d: another buffer was taken, %v", c.name, i, err)
			}
		}
	}
}

// TestDecoderStaysOnTheStack counts the allocations of UnmarshalBinary: a struct that is
// read by direct calls has none for its Decoder.
func TestDecoderStaysOnTheStack(t *testing.T) {
	for _, test := range []struct {
		name string
		work codecCase
		want float64 // with the struct itself
	}{
		{"chat", codecs[1].chat, 2},   // the strings' memory
		{"lines", codecs[1].lines, 3}, // the strings' memory, the list
	} {
		data, err := test.work.encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		got := testing.AllocsPerRun(200, func() {
			if err := test.work.decode(data); err != nil {
				t.Fatal(err)
			}
		})
		if got != test.want {
			t.Errorf("%s: %v allocations, want %v", test.name, got, test.want)
		}
	}
}

// TestCodeIsUpToDate fails when sample.parley or the generator changed and go generate
// was not run.
func TestCodeIsUpToDate(t *testing.T) {
	out, err := exec.Command("go", "run", "github.com/parley-rpc/parley/cmd/parley", "gen", "-check", "-test=false", "./sample").CombinedOutput()
	if err != nil {
		t.Errorf("parley gen -check: %v\n%s", err, out)
	}
}
