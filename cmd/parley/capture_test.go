package main

import (
	"net"
	"os"
	"strconv"
	"sync"

	"github.com/parley-rpc/parley/cmd/parley/capture/capturetest"
	"github.com/rogpeppe/go-internal/testscript"
)

// record is the script command «record FILE COMMAND ARGS…»: it runs the command with a port between it and the server of
// serve, which takes the place of RECORDED in its arguments, and writes all that passes to a file of captured packets, as
// from port 50000, 50001 and so on to port 7000.
func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: record FILE COMMAND ARGS…")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	r := recorder{server: ts.Getenv("ADDRESS")}
	done := make(chan struct{})
	go func() { r.accept(listener); close(done) }() // waited for below
	command := args[1:]
	for i, arg := range command {
		if arg == "RECORDED" {
			command[i] = listener.Addr().String()
		}
	}
	err = ts.Exec(command[0], command[1:]...)
	listener.Close()
	<-done
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), r.file.Bytes(), 0o644))
}

// A recorder passes on what comes for a server, and what it answers.
type recorder struct {
	server string

	mu    sync.Mutex
	file  capturetest.File
	conns int
}

// accept passes on each connection, until the listener is closed and all are at their end.
func (r *recorder) accept(listener net.Listener) {
	var passing sync.WaitGroup
	defer passing.Wait()
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			client.Close()
			return
		}
		r.mu.Lock()
		conn := r.file.Dial(net.JoinHostPort("127.0.0.1", strconv.Itoa(50000+r.conns)), "127.0.0.1:7000")
		r.conns++
		r.mu.Unlock()
		passing.Go(func() { r.pass(conn, false, client, server) })
		passing.Go(func() { r.pass(conn, true, server, client) })
	}
}

// pass passes on what one side sends, and its end.
func (r *recorder) pass(conn *capturetest.Conn, fromServer bool, from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			r.mu.Lock()
			conn.Send(fromServer, buffer[:n])
			r.mu.Unlock()
			to.Write(buffer[:n])
		}
		if err != nil {
			to.(*net.TCPConn).CloseWrite()
			return
		}
	}
}
