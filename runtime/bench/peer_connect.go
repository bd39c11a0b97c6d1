package main

import (
	"context"
	"net"
	"net/http"

	"connectrpc.com/connect"
	"github.com/parley-rpc/parley/runtime/bench/samplepb"
	"github.com/parley-rpc/parley/runtime/bench/samplepb/samplepbconnect"
)

// connectPeer is connectrpc.com/connect with its own protocol, over HTTP/2 without
// TLS. Two things are not as they come: the server admits enough streams for all callers to share
// a connection, and the client asks for no compression.
type connectPeer struct{}

func (connectPeer) name() string { return "connect" }

type connectService struct{}

func (connectService) Echo(_ context.Context, in *connect.Request[samplepb.EchoRequest]) (*connect.Response[samplepb.EchoReply], error) {
	return connect.NewResponse(&samplepb.EchoReply{Kept: in.Msg.Payload[:in.Msg.Keep]}), nil
}

func (connectService) Watch(_ context.Context, in *connect.Request[samplepb.WatchRequest], stream *connect.ServerStream[samplepb.Chunk]) error {
	chunk := &samplepb.Chunk{Data: make([]byte, in.Msg.Size)}
	for range in.Msg.Items {
		if err := stream.Send(chunk); err != nil {
			return err
		}
	}
	return nil
}

// clearHTTP2 is HTTP/2 without TLS.
func clearHTTP2() *http.Protocols {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &protocols
}

func (connectPeer) serve(listener net.Listener) (stop func()) {
	mux := http.NewServeMux()
	mux.Handle(samplepbconnect.NewSampleHandler(connectService{}))
	server := &http.Server{
		Handler:   mux,
		Protocols: clearHTTP2(),
		HTTP2:     &http.HTTP2Config{MaxConcurrentStreams: 1024},
	}
	done := make(chan struct{})
	go func() { // until stop, which waits for it
		server.Serve(listener)
		close(done)
	}()
	return func() {
		server.Close()
		<-done
	}
}

func (connectPeer) dial(address string) (connection, error) {
	transport := &http.Transport{Protocols: clearHTTP2()}
	sample := samplepbconnect.NewSampleClient(&http.Client{Transport: transport}, "http://"+address,
		connect.WithAcceptCompression("gzip", nil, nil)) // nil takes gzip away
	return connectConn{transport, sample}, nil
}

type connectConn struct {
	transport *http.Transport
	sample    samplepbconnect.SampleClient
}

func (c connectConn) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

func (c connectConn) call(payload []byte, keep uint32) ([]byte, error) {
	reply, err := c.sample.Echo(context.Background(), connect.NewRequest(&samplepb.EchoRequest{Payload: payload, Keep: keep}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.Kept, nil
}

func (c connectConn) watch(items, size uint32) (received int64, err error) {
	stream, err := c.sample.Watch(context.Background(), connect.NewRequest(&samplepb.WatchRequest{Items: items, Size: size}))
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	for stream.Receive() {
		received += int64(len(stream.Msg().Data))
	}
	return received, stream.Err()
}
