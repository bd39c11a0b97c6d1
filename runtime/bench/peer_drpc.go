package main

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/parley-rpc/parley/runtime/bench/samplepb"
	"storj.io/drpc/drpcconn"
	"storj.io/drpc/drpcmux"
	"storj.io/drpc/drpcserver"
)

// drpcPeer is storj.io/drpc. A connection of it carries one call at a time, so callers
// that call at once get one each.
type drpcPeer struct{}

func (drpcPeer) name() string { return "drpc" }

type drpcService struct{}

func (drpcService) Echo(_ context.Context, in *samplepb.EchoRequest) (*samplepb.EchoReply, error) {
	return &samplepb.EchoReply{Kept: in.Payload[:in.Keep]}, nil
}

func (drpcService) Watch(in *samplepb.WatchRequest, stream samplepb.DRPCSample_WatchStream) error {
	chunk := &samplepb.Chunk{Data: make([]byte, in.Size)}
	for range in.Items {
		if err := stream.Send(chunk); err != nil {
			return err
		}
	}
	return nil
}

func (drpcPeer) serve(listener net.Listener) (stop func()) {
	mux := drpcmux.New()
	if err := samplepb.DRPCRegisterSample(mux, drpcService{}); err != nil {
		panic(err) // the service is ours: it fits or the program is wrong
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { // until stop, which waits for it
		drpcserver.New(mux).Serve(ctx, listener)
		close(done)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (drpcPeer) dial(address string) (connection, error) {
	c := &drpcConn{address: address}
	conn, err := c.take()
	if err != nil {
		return nil, err
	}
	c.give(conn)
	return c, nil
}

// A drpcConn is as many connections as there are calls at once.
type drpcConn struct {
	address string

	mu   sync.Mutex
	free []*drpcconn.Conn
}

// take returns a connection that nobody uses.
func (c *drpcConn) take() (*drpcconn.Conn, error) {
	c.mu.Lock()
	if n := len(c.free) - 1; n >= 0 {
		conn := c.free[n]
		c.free = c.free[:n]
		c.mu.Unlock()
		return conn, nil
	}
	c.mu.Unlock()
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return nil, err
	}
	return drpcconn.New(conn), nil
}

func (c *drpcConn) give(conn *drpcconn.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, conn)
}

func (c *drpcConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, conn := range c.free {
		errs = append(errs, conn.Close())
	}
	c.free = nil
	return errors.Join(errs...)
}

func (c *drpcConn) call(payload []byte, keep uint32) ([]byte, error) {
	conn, err := c.take()
	if err != nil {
		return nil, err
	}
	defer c.give(conn)
	reply, err := samplepb.NewDRPCSampleClient(conn).Echo(context.Background(), &samplepb.EchoRequest{Payload: payload, Keep: keep})
	if err != nil {
		return nil, err
	}
	return reply.Kept, nil
}

func (c *drpcConn) watch(items, size uint32) (received int64, err error) {
	conn, err := c.take()
	if err != nil {
		return 0, err
	}
	defer c.give(conn)
	stream, err := samplepb.NewDRPCSampleClient(conn).Watch(context.Background(), &samplepb.WatchRequest{Items: items, Size: size})
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	return drain(stream.Recv)
}
