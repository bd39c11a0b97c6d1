package transport

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// How long a peer that broke a rule has to read why; how long a peer is listened to after our
// side has ended, and for how many bytes if it broke a rule.
const (
	farewellTime = time.Second
	lingerTime   = 500 * time.Millisecond
	lingerBytes  = 256 << 10
)

// shut breaks the session, because of cause; calls that are not answered fail. If the
// peer broke a rule it is told, when tell says that it may be listening. It is called and
// returns with the lock held, and does not wait.
func (s *Session) shut(cause error, tell bool) {
	if s.cause != nil {
		return
	}
	var rule *RuleError
	if errors.As(cause, &rule) {
		s.logger.Warn("session closed", "rule", rule.Rule, "remote", s.remote())
		if tell {
			s.out = frame.AppendGoAway(s.writable(), s.lastIn, rule.Rule)
			s.farewell = true
		}
	} else if cause != ErrClosed {
		s.logger.Debug("session broke", "reason", cause.Error(), "remote", s.remote())
	}
	s.cause = cause
	s.done.happen()
	s.depart(cause)
	for c := range s.outgoing.all {
		s.fail(c, s.lineError(false))
	}
	for c := range s.incoming.all {
		s.cancel(c, s.lineError(false))
	}
	underWay := s.after[:0]
	for _, a := range s.after {
		if a.position <= s.taken { // only the writer will know what becomes of it
			underWay = append(underWay, a)
		} else {
			s.endings = append(s.endings, ending{a.who.Replied, s.lineError(false)})
		}
	}
	s.after, s.free = underWay, nil
	s.proceed()
	signal(s.hear)
	s.takeAway()
	s.room.stir()
	s.sending.stir()
	s.clock.stop()
	s.settle()
	go s.end() // Close waits
}

// end closes the connection of a session that is broken, and sees all its goroutines off.
func (s *Session) end() {
	defer s.ending.Done()
	s.mu.Lock()
	endings, farewell := s.endings, s.farewell
	s.endings = nil
	s.mu.Unlock()
	if farewell {
		s.sayWhy()
	}
	s.conn.Close()
	if s.private {
		s.workers.close()
	}
	s.run(endings)
	s.goroutines.Wait()
	if s.ended != nil {
		s.guard(func() { s.ended(s) })
	}
}

// sayWhy writes what is in out, and then reads on for a while, because closing with bytes
// unread would make the kernel destroy what is on its way to the peer.
func (s *Session) sayWhy() {
	s.conn.SetWriteDeadline(time.Now().Add(farewellTime))
	s.mu.Lock()
	for s.writing {
		s.quiet.Wait()
	}
	s.writing = true
	for s.writeOnce() {
	}
	farewell := s.farewell
	s.rest()
	s.mu.Unlock()
	half, ok := s.conn.(interface{ CloseWrite() error })
	if !farewell || !ok || half.CloseWrite() != nil {
		return
	}
	s.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, s.conn, lingerBytes)
}

// GoAway tells the peer to open no new calls, and why. Those that have come go on; later
// ones are not run, and the peer knows. Our own calls are not affected.
func (s *Session) GoAway(reason string) {
	s.mu.Lock()
	s.sayLeaving(reason)
	s.flush()
}

// sayLeaving puts GOAWAY into out, once.
func (s *Session) sayLeaving(reason string) {
	if !s.leaving {
		s.leaving, s.leaveLast = true, s.lastIn
		s.control(frame.AppendGoAway(nil, s.leaveLast, reason))
	}
}

// Shutdown says GoAway, waits until the calls of both sides are answered and the answers are
// written, or ctx ends, and closes the session. It returns the context's error if not all
// were. Between the two it ends the writing side and gives the peer up to half a second to
// close the connection: if it were closed with calls unread that the peer made before it
// knew better, the kernel would reset it, and the peer might never read the last answers.
func (s *Session) Shutdown(ctx context.Context, reason string) error {
	defer s.Close()
	s.mu.Lock()
	s.sayLeaving(reason)
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle, done := s.idle, s.done.channel()
	s.listen()
	s.settle()
	s.writeAside()
	s.mu.Unlock()
	select {
	case <-idle:
		s.linger(ctx, done)
	case <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// settle finishes a session that is shut down, once nothing is left to do.
func (s *Session) settle() {
	if s.idle == nil || s.finished || s.outgoing.n+s.incoming.n+len(s.out) > 0 || s.writing {
		return
	}
	s.finished = true
	s.depart(ErrClosed)
	close(s.idle)
}

// linger ends the writing side of a finished session, and waits for the peer to do the same.
// A connection that has no sides is left open meanwhile: the peer knows from GOAWAY.
func (s *Session) linger(ctx context.Context, done <-chan struct{}) {
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	timer := time.NewTimer(lingerTime)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Close breaks the session at once, with ErrClosed, and waits for its goroutines, but
// for those of handlers, which see their calls cancelled; Workers.Close waits for them.
// It is not called from functions that must not block.
func (s *Session) Close() {
	s.mu.Lock()
	s.shut(ErrClosed, false)
	s.mu.Unlock()
	s.ending.Wait()
}
