package client

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// TestPlain: the address and the call that failed are not said with the reason, since whoever says it names the node.
func TestPlain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, refused := net.Dial("tcp", l.Addr().String())
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, late := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	for want, err := range map[string]error{
		"connection refused":        fmt.Errorf("GetFile: %w", refused),
		"i/o timeout":               late,
		"the connection was closed": io.EOF,
		"wrong password":            fmt.Errorf("wrong password"),
	} {
		if got := plain(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
