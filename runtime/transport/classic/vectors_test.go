package classic_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// A vector is one file of testdata: a call's two frames, lengths included.
type vector struct{ request, response []byte }

func readVector(t *testing.T, name string) vector {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, frames, _ := strings.Cut(string(text), "\nrequest\n")
	request, response, _ := strings.Cut(frames, "\nresponse\n")
	return vector{unhex(t, request), unhex(t, response)}
}

// unhex reads lines of bytes in hexadecimal, each with what follows a # left out.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var digits string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		digits += strings.Join(strings.Fields(line), "")
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectors(t *testing.T) {
	names, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, name := range names {
		v := readVector(t, name)
		t.Run(filepath.Base(name)+"/server", func(t *testing.T) { testServerVector(t, v) })
		t.Run(filepath.Base(name)+"/client", func(t *testing.T) { testClientVector(t, v) })
	}
}

func testServerVector(t *testing.T, v vector) {
	var got []byte
	conn := dial(t, start(t, &classic.Server{Handler: func(_ context.Context, x *classic.Exchange) {
		got = bytes.Clone(x.Request)
		x.Reply = append(x.Reply, v.response[2:]...)
	}}))
	send(t, conn, string(v.request))
	if response := rest(t, conn); response != string(v.response) {
		t.Errorf("got response % x, want % x", response, v.response)
	}
	if want := v.request[2:]; !bytes.Equal(got, want) {
		t.Errorf("got request % x, want % x", got, want)
	}
}

func testClientVector(t *testing.T, v vector) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	requests := make(chan []byte, 1)
	go func() { // ends with the one connection
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		request := make([]byte, len(v.request)+1)
		n, _ := conn.Read(request)
		requests <- request[:n]
		conn.Write(v.response)
	}()
	response, err := classic.SendAndReceive(t.Context(), listener.Addr().String(), v.request[2:])
	if want := v.response[2:]; err != nil || !bytes.Equal(response, want) {
		t.Errorf("got response % x, %v, want % x", response, err, want)
	}
	if got := <-requests; !bytes.Equal(got, v.request) {
		t.Errorf("got request % x, want % x", got, v.request)
	}
}

// TestSpecification holds the example in the package's documentation to the vector.
func TestSpecification(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var digits string
	for line := range strings.Lines(string(source)) {
		if line, ok := strings.CutPrefix(line, "//\t"); ok && !strings.Contains(line, "=") {
			digits += line[:min(len(line), 29)] + "\n"
		}
	}
	v := readVector(t, "testdata/check-messages.hex")
	if got, want := unhex(t, digits), append(v.request, v.response...); !bytes.Equal(got, want) {
		t.Errorf("got % x in doc.go, want % x", got, want)
	}
}
