package main

import (
	"net"
	"net/rpc"
)

// netRPC is the standard library's net/rpc, over gob. It has no streams.
type netRPC struct{}

func (netRPC) name() string { return "net/rpc" }

// EchoArgs are the parameters of the method that [netRPCService] serves.
type EchoArgs struct {
	Payload []byte
	Keep    uint32
}

// EchoReply is its result.
type EchoReply struct {
	Kept []byte
}

type netRPCService struct{}

// Echo is exported because net/rpc finds methods by reflection.
func (netRPCService) Echo(args *EchoArgs, reply *EchoReply) error {
	reply.Kept = args.Payload[:args.Keep]
	return nil
}

func (netRPC) serve(listener net.Listener) (stop func()) {
	server := rpc.NewServer()
	if err := server.RegisterName("Sample", netRPCService{}); err != nil {
		panic(err) // the service is ours: it fits or the program is wrong
	}
	return acceptEach(listener, func(conn net.Conn) { server.ServeConn(conn) })
}

func (netRPC) dial(address string) (connection, error) {
	client, err := rpc.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return netRPCConn{client}, nil
}

type netRPCConn struct{ *rpc.Client }

func (c netRPCConn) call(payload []byte, keep uint32) ([]byte, error) {
	var reply EchoReply
	err := c.Call("Sample.Echo", &EchoArgs{payload, keep}, &reply)
	return reply.Kept, err
}
