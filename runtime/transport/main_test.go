package transport_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // tests that read a log have one of their own
	runtimetest.Main(m)
}

// unhex reads lines of bytes in hexadecimal, each with what follows a # left out; 61*3 is 61 61 61.
func unhex(t testing.TB, text string) (b []byte) {
	t.Helper()
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for field := range strings.FieldsSeq(line) {
			digits, count, repeated := strings.Cut(field, "*")
			times, err := 1, error(nil)
			if repeated {
				times, err = strconv.Atoi(count)
			}
			piece, hexErr := hex.DecodeString(digits)
			if err != nil || hexErr != nil {
				t.Fatalf("%q is no bytes", field)
			}
			b = append(b, bytes.Repeat(piece, times)...)
		}
	}
	return b
}

// send writes bytes to conn.
func send(t *testing.T, conn net.Conn, bytes string) {
	t.Helper()
	if _, err := io.WriteString(conn, bytes); err != nil {
		t.Fatal(err)
	}
}
