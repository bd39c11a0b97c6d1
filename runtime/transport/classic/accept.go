package classic

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Serve answers what comes in on listener until Shutdown or Close, and then returns
// nil; or until the listener fails for good, and then returns its error. It closes the
// listener, and returns after the goroutines of its connections have.
func (s *Server) Serve(listener net.Listener) error {
	s.init()
	defer listener.Close()
	if !s.addListener(listener) {
		return nil
	}
	defer s.removeListener(listener)
	a := acceptor{server: s, listener: listener}
	a.turn.L = &a.mu
	a.add()
	a.workers.Wait()
	return a.err
}

// maxSpare is how many goroutines a listener keeps that have no connection: one that
// accepts, and one to follow it.
const maxSpare = 2

// An acceptor serves the connections of one listener, each on one goroutine. That
// goroutine also accepts the connection, so nothing is handed over on the way of a
// call; it first makes sure that there is another to accept the next one. One that
// is done comes back, with its stack grown, and starts over or, if enough are there, ends.
type acceptor struct {
	server   *Server
	listener net.Listener
	workers  sync.WaitGroup // who owns the goroutines: Serve waits
	spare    atomic.Int32   // of them, those without a connection

	mu        sync.Mutex
	turn      sync.Cond // accepting became false, or over true
	accepting bool      // by one of them: it alone also waits out errors
	over      bool      // there will be no other connection
	err       error     // of the listener, if it failed
}

// add starts a goroutine. It is called by Serve, and by goroutines that it waits for.
func (a *acceptor) add() {
	a.spare.Add(1)
	a.workers.Go(a.work)
}

func (a *acceptor) work() {
	for {
		conn := a.next()
		if conn == nil {
			return
		}
		if a.spare.Add(-1) == 0 {
			a.add()
		}
		a.serve(conn)
		if a.spare.Add(1) > maxSpare {
			a.spare.Add(-1)
			return
		}
	}
}

// next returns the next connection, once the server may serve one more. It returns nil
// when the server is closing or the listener has failed.
func (a *acceptor) next() net.Conn {
	a.mu.Lock()
	for a.accepting && !a.over {
		a.turn.Wait()
	}
	if a.over {
		a.mu.Unlock()
		return nil
	}
	a.accepting = true
	a.mu.Unlock()
	conn, err := a.accept()
	a.mu.Lock()
	a.accepting = false
	a.over, a.err = conn == nil, err
	a.mu.Unlock()
	a.turn.Broadcast()
	return conn
}

// accept waits for a connection, and then for room to serve it. It returns nil, and no
// error, when the server is closing.
func (a *acceptor) accept() (net.Conn, error) {
	conn, err := a.acceptSome()
	if conn == nil {
		return nil, err
	}
	select {
	case a.server.slots <- struct{}{}:
		return conn, nil
	case <-a.server.done:
		conn.Close()
		return nil, nil
	}
}

// acceptSome waits for a connection, and sits out errors that pass.
func (a *acceptor) acceptSome() (net.Conn, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		conn, err := a.listener.Accept()
		switch {
		case err == nil:
			return conn, nil
		case a.server.isClosing():
			return nil, nil
		case !passes(err):
			return nil, err
		}
		a.server.Logger.Warn("accepting fails, will try again", "in", pause, "reason", err.Error())
		select {
		case <-time.After(pause):
		case <-a.server.done:
			return nil, nil
		}
	}
}

// passes reports whether Accept may work again later, such as when too many files are
// open. The method behind it is deprecated as a property of errors in general; those of
// Accept are what it is good for.
func passes(err error) bool {
	var temporary interface{ Temporary() bool }
	return errors.As(err, &temporary) && temporary.Temporary()
}
