package runtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// The third byte of every connection's answer is its last.
func ExampleNetwork() {
	var network runtimetest.Network
	network.Faults(func(l *runtimetest.Link) { l.ToClient.CutAfter(3) })
	listener, err := network.Listen("server:1")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { // ends when the listener is closed
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			io.WriteString(conn, "hello")
		}
	}()

	conn, err := network.Dial(context.Background(), "tcp", "server:1")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(conn)
	fmt.Printf("%s, %v\n", text, err)

	listener.Close()
	_, err = network.Dial(context.Background(), "tcp", "server:1")
	fmt.Println(err)
	// Output:
	// hel, read memory server:1#1->server:1: connection reset by peer
	// dial tcp server:1: connect: connection refused
}

func TestNetworkListen(t *testing.T) {
	var network runtimetest.Network
	if _, err := network.Dial(t.Context(), "tcp", "here:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want ECONNREFUSED", err)
	}
	listener := listen(t, &network, "here:1")
	if _, err := network.Listen("here:1"); err == nil || err.Error() != "listen memory here:1: address already in use" {
		t.Errorf("got %v, want that the address is in use", err)
	}
	listen(t, &network, "there:1")
	listener.Close()
	if _, err := network.Dial(t.Context(), "tcp", "here:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after Close: got %v, want ECONNREFUSED", err)
	}
	listen(t, &network, "here:1")
	if _, err := network.Dial(t.Context(), "tcp", "here:1"); err != nil {
		t.Errorf("with the next listener: %v", err)
	}
	if links := network.Links(); len(links) != 1 || links[0].Number != 1 {
		t.Errorf("got %d links, want the one that was connected, with number 1", len(links))
	}
}

func listen(t *testing.T, network *runtimetest.Network, address string) net.Listener {
	t.Helper()
	listener, err := network.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// connect returns the ends of a connection to a listener at address.
func connect(t *testing.T, network *runtimetest.Network, listener net.Listener) (here, there net.Conn) {
	t.Helper()
	here, err := network.Dial(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	there, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return here, there
}

// TestNetworkFaults sets faults for what is open and what comes, and takes them back.
func TestNetworkFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network runtimetest.Network
		listener := listen(t, &network, "here:1")
		pass := func(from, to net.Conn, want time.Duration) {
			t.Helper()
			began := time.Now()
			io.WriteString(from, "x")
			to.Read(make([]byte, 1))
			if took := time.Since(began); took != want {
				t.Errorf("got %v, want %v", took, want)
			}
		}
		old, oldServer := connect(t, &network, listener)
		network.Faults(func(l *runtimetest.Link) { l.Delay(time.Duration(l.Number) * time.Second) })
		young, youngServer := connect(t, &network, listener)
		pass(old, oldServer, time.Second)
		pass(oldServer, old, time.Second)
		pass(youngServer, young, 2*time.Second)

		network.Faults(nil)
		next, nextServer := connect(t, &network, listener)
		pass(next, nextServer, 0)
		pass(old, oldServer, time.Second)
	})
}

// TestNetworkHold parts the network, for one direction of one connection and then for all.
func TestNetworkHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network runtimetest.Network
		listener := listen(t, &network, "here:1")
		first, firstServer := connect(t, &network, listener)
		second, secondServer := connect(t, &network, listener)
		arrives := func(conn net.Conn, want bool) {
			t.Helper()
			conn.SetReadDeadline(time.Now().Add(time.Second))
			if n, err := conn.Read(make([]byte, 1)); n == 1 != want {
				t.Errorf("got %d bytes, %v, want one: %v", n, err, want)
			}
		}
		network.Links()[1].ToServer.Hold()
		for _, conn := range []net.Conn{first, firstServer, second, secondServer} {
			io.WriteString(conn, "12")
		}
		arrives(first, true)
		arrives(firstServer, true)
		arrives(second, true)
		arrives(secondServer, false)
		network.Faults((*runtimetest.Link).Release)
		arrives(secondServer, true)

		network.Faults((*runtimetest.Link).Hold)
		third, thirdServer := connect(t, &network, listener)
		io.WriteString(third, "3")
		arrives(thirdServer, false)
	})
}

// TestNetworkCut breaks what is open, and nothing else.
func TestNetworkCut(t *testing.T) {
	var network runtimetest.Network
	listener := listen(t, &network, "here:1")
	here, there := connect(t, &network, listener)
	closed, closedServer := connect(t, &network, listener)
	closed.Close()
	closedServer.Close()
	if links := network.Links(); len(links) != 1 || links[0].Number != 1 || links[0].Address != "here:1" {
		t.Errorf("got %d links, want the first alone", len(links))
	}
	network.Cut()
	for _, conn := range []net.Conn{here, there} {
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want ECONNRESET", err)
		}
	}
	if links := network.Links(); len(links) != 0 {
		t.Errorf("after the cut: got %d links, want 0", len(links))
	}
	here, there = connect(t, &network, listener)
	io.WriteString(here, "x")
	if n, err := there.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("a later connection: got %d bytes, %v, want 1", n, err)
	}
}
