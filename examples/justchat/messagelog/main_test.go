package messagelog

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain is a process that appends until it is killed, if TestKill has started it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("MESSAGELOG_APPEND_TO"); dir != "" {
		appendForEver(dir)
	}
	runtimetest.Main(m)
}

// appendForEver prints the number of each record that is acknowledged.
func appendForEver(dir string) {
	l, err := Open(dir, Options{SegmentSize: 64 << 10})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(out, l.Origin())
	for n := uint64(1); ; n++ {
		if err := l.Append(context.Background(), record(l.Origin(), n)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, n)
		out.Flush()
	}
}

// record returns a record that is like no other: its Lamport time is its number.
func record(origin string, number uint64) *justchat.Record {
	return &justchat.Record{
		Origin: origin, Number: number, Lamport: number, After: map[string]uint64{},
		Message: justchat.Message{
			From: "tony", Client: []byte("client of " + origin), Number: number,
			Text: fmt.Sprintf("text %d of %s", number, origin), Signature: make([]byte, 64),
		},
	}
}

// records returns the records first to last of an origin.
func records(origin string, first, last uint64) (list []*justchat.Record) {
	for n := first; n <= last; n++ {
		list = append(list, record(origin, n))
	}
	return list
}
