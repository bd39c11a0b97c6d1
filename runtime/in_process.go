package runtime

import (
	"github.com/parley-rpc/parley/runtime/transport/memory"
)

// inProcess is the address of the connections of InProcess.
const inProcess = "in-process"

// InProcess returns a client of server whose connections are memory: nothing listens, and no
// socket is opened. It is for tests, and for programs that contain both sides. All else is as
// with [Dial]: values cross as bytes, in sessions; connections count among those of the
// server; its handlers call the client's services through [CallerFrom]. The server may serve
// listeners and other clients at the same time. One that is under [WithTLS] wants it of this
// client too, with a ServerName. A [WithDialer] among the options has no effect.
//
// [Client.Close] also waits for what this client began at the server, handlers among it; while
// the server serves others as well, it does not wait for handlers that go on after their
// contexts have ended. After [Server.Shutdown] and [Server.Close], calls fail as where nobody
// listens any more.
func InProcess(server *Server, options ...ClientOption) *Client {
	listener := memory.Listen(inProcess)
	options = append(options[:len(options):len(options)], WithDialer(listener.Dial))
	c := Dial(inProcess, options...)
	c.work.Go(func() { server.Serve(listener) }) // Close waits; an error says only that listener is closed
	c.work.Go(func() {                           // Close waits
		<-c.ctx.Done()
		listener.Close()
	})
	return c
}
