package transport_test

import (
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // tests that read a log have one of their own
	runtimetest.Main(m)
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

// send writes bytes to conn.
func send(t *testing.T, conn net.Conn, bytes string) {
	t.Helper()
	if _, err := io.WriteString(conn, bytes); err != nil {
		t.Fatal(err)
	}
}
