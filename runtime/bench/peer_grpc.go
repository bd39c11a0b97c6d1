package main

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/parley-rpc/parley/runtime/bench/samplepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// grpcPeer is google.golang.org/grpc as it comes, without TLS.
type grpcPeer struct{}

func (grpcPeer) name() string { return "grpc" }

type grpcService struct {
	samplepb.UnimplementedSampleServer
}

func (grpcService) Echo(_ context.Context, in *samplepb.EchoRequest) (*samplepb.EchoReply, error) {
	return &samplepb.EchoReply{Kept: in.Payload[:in.Keep]}, nil
}

func (grpcService) Watch(in *samplepb.WatchRequest, stream grpc.ServerStreamingServer[samplepb.Chunk]) error {
	chunk := &samplepb.Chunk{Data: make([]byte, in.Size)}
	for range in.Items {
		if err := stream.Send(chunk); err != nil {
			return err
		}
	}
	return nil
}

func (grpcPeer) serve(listener net.Listener) (stop func()) {
	server := grpc.NewServer()
	samplepb.RegisterSampleServer(server, grpcService{})
	go server.Serve(listener) // until Stop, which waits for it
	return server.Stop
}

func (grpcPeer) dial(address string) (connection, error) {
	conn, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return grpcConn{conn, samplepb.NewSampleClient(conn)}, nil
}

type grpcConn struct {
	*grpc.ClientConn
	sample samplepb.SampleClient
}

func (c grpcConn) call(payload []byte, keep uint32) ([]byte, error) {
	reply, err := c.sample.Echo(context.Background(), &samplepb.EchoRequest{Payload: payload, Keep: keep})
	return reply.GetKept(), err
}

func (c grpcConn) watch(items, size uint32) (received int64, err error) {
	stream, err := c.sample.Watch(context.Background(), &samplepb.WatchRequest{Items: items, Size: size})
	if err != nil {
		return 0, err
	}
	return drain(stream.Recv)
}

// drain adds up the chunks of a stream until its end.
func drain(receive func() (*samplepb.Chunk, error)) (received int64, err error) {
	for {
		chunk, err := receive()
		if errors.Is(err, io.EOF) {
			return received, nil
		}
		if err != nil {
			return received, err
		}
		received += int64(len(chunk.Data))
	}
}
