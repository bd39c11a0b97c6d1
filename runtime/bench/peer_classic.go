package main

import (
	"context"
	"net"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/bench/sample"
)

// classicPeer is Parley's classic form, under the generated client and server: each
// call dials a connection of its own.
type classicPeer struct{}

func (classicPeer) name() string { return "parley classic" }

func (classicPeer) serve(listener net.Listener) (stop func()) {
	return serveParley(listener, echoService{})
}

// dial connects to nothing yet.
func (classicPeer) dial(address string) (connection, error) {
	return classicConn{sample.NewEchoClient(runtime.Classic(address))}, nil
}

type classicConn struct{ client sample.Echo }

func (classicConn) Close() error { return nil }

func (c classicConn) call(payload []byte, keep uint32) ([]byte, error) {
	return c.client.Echo(context.Background(), payload, keep)
}
