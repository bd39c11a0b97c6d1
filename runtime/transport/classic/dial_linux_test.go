package classic_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestConnectStalls connects to a port whose backlog is full, so that the kernel goes on
// trying for minutes. A context that cannot end takes a way of its own there.
func TestConnectStalls(t *testing.T) {
	address := fullPort(t)
	for name, ctx := range map[string]context.Context{"background": context.Background(), "with end": t.Context()} {
		client := classic.Client{Timeout: 20 * time.Millisecond}
		_, err := client.SendAndReceive(ctx, address, []byte("request"))
		want := "dial tcp " + address + ": i/o timeout"
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got error %v, want %q and context.DeadlineExceeded", name, err, want)
		}
	}
}

// fullPort returns the address of a listener that will take no connection.
func fullPort(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 8 {
		conn, err := net.DialTimeout("tcp", address, 20*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("this kernel takes connections beyond the backlog")
	return ""
}
