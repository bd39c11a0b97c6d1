package runtime_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// A vector is a file of transport/testdata and what it says in terms of calls.
type vector struct {
	file    string
	method  runtime.Method
	params  []string
	results []string // of the one result, a list of strings
	err     error
}

func noStrings(out []byte) []byte { return codec.WriteStringSlice(out, nil) }

var vectors = []vector{
	{"register", runtime.Method{Type: 0}, []string{"bob"}, nil, nil},
	{"register-refused", runtime.Method{Type: 0}, []string{""}, nil, errors.New("name is empty")},
	{"list", runtime.Method{Type: 1, Zero: noStrings}, nil, []string{"alice", "bob"}, nil},
	{"list-refused", runtime.Method{Type: 1, Zero: noStrings}, nil, nil, errors.New("closed")},
	{"check-messages", runtime.Method{Type: 2, Zero: noStrings}, []string{"alice"}, []string{"bob tells you hello!", "bob says"}, nil},
	{"tell", runtime.Method{Type: 3}, []string{"bob", "alice", "hi  there"}, nil, nil},
}

// TestVectorsServer answers the requests of the files and compares the responses.
func TestVectorsServer(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.file, func(t *testing.T) {
			request, want := readVector(t, v.file)
			method := v.method
			method.Service, method.Name, method.Classic = "example.Chat", v.file, true
			server := runtime.NewServer()
			server.Register(runtime.Service{Name: "example.Chat", Handlers: []runtime.Handler{{Method: &method, Handle: v.handle(t)}}})
			got, err := classic.SendAndReceive(t.Context(), serve(t, server), request[2:])
			if err != nil || !bytes.Equal(got, want[2:]) {
				t.Errorf("got response % x, %v, want % x", got, err, want[2:])
			}
		})
	}
}

// handle returns a server stub.
func (v vector) handle(t *testing.T) func(context.Context, *runtime.Call) error {
	return func(_ context.Context, call *runtime.Call) error {
		for _, want := range v.params {
			if got := call.In.String("param"); got != want {
				t.Errorf("got parameter %q, want %q", got, want)
			}
		}
		if v.method.Zero != nil {
			call.Out = codec.WriteStringSlice(call.Out, v.results)
		}
		return v.err
	}
}

// TestVectorsClient makes the calls of the files, compares the requests, and reads the responses.
func TestVectorsClient(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.file, func(t *testing.T) {
			want, response := readVector(t, v.file)
			caller := runtime.Classic("", runtime.WithDialer(func(context.Context, string, string) (net.Conn, error) {
				here, there := net.Pipe()
				go func() { // ends when the client has its response
					defer there.Close()
					request := make([]byte, 1<<10)
					n, _ := there.Read(request)
					if !bytes.Equal(request[:n], want) {
						t.Errorf("got request % x, want % x", request[:n], want)
					}
					there.Write(response)
				}()
				return here, nil
			}))
			call := runtime.NewCall(&v.method)
			defer call.Release()
			for _, param := range v.params {
				call.Out = codec.WriteString(call.Out, param)
			}
			if err := caller.Call(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			if v.method.Zero != nil {
				if got := call.In.StringSlice("results"); strings.Join(got, "|") != strings.Join(v.results, "|") {
					t.Errorf("got results %q, want %q", got, v.results)
				}
			}
			if err := call.Decoded(); text(err) != text(v.err) {
				t.Errorf("got error %v, want %v", err, v.err)
			}
		})
	}
}

// readVector returns the two frames of a file, with their lengths.
func readVector(t testing.TB, name string) (request, response []byte) {
	t.Helper()
	source, err := os.ReadFile("transport/classic/testdata/" + name + ".hex")
	if err != nil {
		t.Fatal(err)
	}
	_, frames, _ := strings.Cut(string(source), "\nrequest\n")
	first, second, _ := strings.Cut(frames, "\nresponse\n")
	return unhex(t, first), unhex(t, second)
}

// TestMetaVector takes the client's part of testdata/meta.hex and compares the server's.
func TestMetaVector(t *testing.T) {
	server := runtime.NewServer(runtime.WithHealth(func(context.Context) error { return errors.New("full") }))
	room := &runtime.Package{Path: "room", IDL: "-- room/room.parley --\npackage room\n"}
	server.Register(runtime.Service{Name: "room.Room", Number: 1, Package: room})
	conn, err := net.Dial("tcp", serve(t, server))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text, err := os.ReadFile("testdata/meta.hex")
	if err != nil {
		t.Fatal(err)
	}
	_, parts, _ := strings.Cut(string(text), "\nclient\n")
	for i, exchange := range strings.Split(parts, "\nclient\n") {
		said, answered, _ := strings.Cut(exchange, "\nserver\n")
		if _, err := conn.Write(unhex(t, said)); err != nil {
			t.Fatal(err)
		}
		want := unhex(t, answered)
		got := make([]byte, len(want))
		if n, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("answer %d: got % x, %v, want % x", i, got[:n], err, want)
		}
	}
}

// unhex returns the bytes of lines in hexadecimal, with comments behind #.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var digits string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		digits += strings.Join(strings.Fields(line), "")
	}
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
