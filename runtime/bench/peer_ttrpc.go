package main

import (
	"context"
	"net"

	"github.com/containerd/ttrpc"
	"github.com/parley-rpc/parley/runtime/bench/samplepb"
)

// ttrpcPeer is github.com/containerd/ttrpc, over TCP as all are here.
type ttrpcPeer struct{}

func (ttrpcPeer) name() string { return "ttrpc" }

type ttrpcService struct{}

func (ttrpcService) Echo(_ context.Context, in *samplepb.EchoRequest) (*samplepb.EchoReply, error) {
	return &samplepb.EchoReply{Kept: in.Payload[:in.Keep]}, nil
}

func (ttrpcService) Watch(_ context.Context, in *samplepb.WatchRequest, stream samplepb.TTRPCSample_WatchServer) error {
	chunk := &samplepb.Chunk{Data: make([]byte, in.Size)}
	for range in.Items {
		if err := stream.Send(chunk); err != nil {
			return err
		}
	}
	return nil
}

func (ttrpcPeer) serve(listener net.Listener) (stop func()) {
	server, err := ttrpc.NewServer()
	if err != nil {
		panic(err) // only options can fail, and there are none
	}
	samplepb.RegisterTTRPCSampleService(server, ttrpcService{})
	done := make(chan struct{})
	go func() { // until stop, which waits for it
		server.Serve(context.Background(), listener)
		close(done)
	}()
	return func() {
		server.Close()
		<-done
	}
}

func (ttrpcPeer) dial(address string) (connection, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	client := ttrpc.NewClient(conn)
	return ttrpcConn{client, samplepb.NewTTRPCSampleClient(client)}, nil
}

type ttrpcConn struct {
	*ttrpc.Client
	sample samplepb.TTRPCSampleClient
}

func (c ttrpcConn) call(payload []byte, keep uint32) ([]byte, error) {
	reply, err := c.sample.Echo(context.Background(), &samplepb.EchoRequest{Payload: payload, Keep: keep})
	if err != nil {
		return nil, err
	}
	return reply.Kept, nil
}

func (c ttrpcConn) watch(items, size uint32) (received int64, err error) {
	stream, err := c.sample.Watch(context.Background(), &samplepb.WatchRequest{Items: items, Size: size})
	if err != nil {
		return 0, err
	}
	return drain(stream.Recv)
}
