package transport

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// An Incoming is a call of the peer, as its handler sees it. Nothing of it may be used
// once the handler has returned.
type Incoming struct {
	Method   uint16
	Params   []byte    // valid until the handler returns
	Metadata []byte    // an encoded map of strings, as valid; nil if there is none
	Deadline time.Time // when the caller gives up; zero is never

	// The answer. Results is empty, with storage of an earlier call; the handler appends to
	// it, and the storage is used again. If Error is set it is the answer in place of Results.
	Results       []byte
	ReplyMetadata []byte
	Error         *CallError

	// Done, if the handler sets it, is told once that the answer was given to the network (nil)
	// or could not be (why), on some goroutine of the session's. It must not block. Where the answer
	// was too large for the peer, and another was given in its place, why is a *MessageError.
	Done Replied

	c        *call
	onCancel func(error)
}

// A Replied is told what became of an answer. It is no function, since a method of what a handler
// has anyway would be an allocation in each call.
type Replied interface{ Replied(err error) }

// Session returns the session on which the call came. To make a call through it, say
// MayWait first.
func (in *Incoming) Session() *Session { return in.c.s }

// MayWait says that the handler is about to wait for something. If it runs on the goroutine
// that reads, another one reads on, and from then on methods of its kind run on workers. AfterCancel and
// Stream say it too, since who asks for these means to wait.
func (in *Incoming) MayWait() {
	s := in.c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mayWait(in.c)
}

// Err returns nil while the caller waits for the answer; then a *CallError, with which
// the caller gave up, context.DeadlineExceeded, or a *LineError.
func (in *Incoming) Err() error {
	in.c.s.mu.Lock()
	defer in.c.s.mu.Unlock()
	return in.c.canceled
}

// AfterCancel has f called with what Err returns, once the caller does not wait
// any more; now, if that is so already. f is called at most once, must not block, and may be
// called until shortly after the handler has returned. A second f replaces the first.
func (in *Incoming) AfterCancel(f func(error)) {
	s := in.c.s
	s.mu.Lock()
	s.mayWait(in.c)
	in.onCancel = f
	err := in.c.canceled
	s.mu.Unlock()
	if err != nil {
		f(err)
	}
}

// Stream returns the streams of the call, always the same.
func (in *Incoming) Stream() *Stream {
	s := in.c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mayWait(in.c)
	in.c.makeStream()
	return in.c.flow.stream
}

// serve runs the handler and answers. It is called by a worker.
func (c *call) serve() {
	s := c.s
	defer s.reply(c) // also when the handler exits its goroutine
	began := sinceStart()
	c.handle()
	c.took = max(sinceStart()-began, 1)
}

// handle runs the handler. If it panics or exits, that is the answer.
func (c *call) handle() {
	returned := false
	defer func() {
		if !returned {
			c.in.Error = &CallError{Code: codeInternal, Message: "the handler panicked"}
		}
	}()
	defer c.s.recovered("handler")
	c.s.handler(&c.in)
	returned = true
}

// recovered is deferred around what is not ours.
func (s *Session) recovered(what string) {
	if p := recover(); p != nil {
		s.logger.Error("panic", "in", what, "panic", p, "remote", s.remote(), "stack", string(debug.Stack()))
	}
}

func (s *Session) remote() string {
	if addr := s.conn.RemoteAddr(); addr != nil {
		return addr.String()
	}
	return "unknown"
}

// reply sends the answer of a call whose handler has returned.
func (s *Session) reply(c *call) {
	done := c.in.Done
	s.mu.Lock()
	if c.took > 0 && !c.waits {
		s.record(c.in.Method).ran(c.took)
	}
	err := s.answerCall(c)
	s.flush()
	if done != nil && err != nil {
		s.guard(func() { done.Replied(err) })
	}
}

// answerCall puts the answer into out, waiting for room. It is called and returns with the lock held.
func (s *Session) answerCall(c *call) error {
	c.state = stateReplying
	if c.streaming {
		signal(c.ready) // the handler may have left a goroutine in Receive
	}
	s.discard(c)
	m, replaced := c.answer()
	err := s.post(context.Background(), c, &m)
	if done := c.in.Done; done != nil && err == nil {
		if replaced != nil {
			done = replacedReply{done, replaced}
		}
		s.after = append(s.after, afterWrite{s.taken + uint64(len(s.out)), done})
	}
	s.leave(c)
	return err
}

// answer returns the message that says what the handler did, or why one that can be sent
// stands in its place.
func (c *call) answer() (m frame.Message, replaced error) {
	limit := c.s.peer.Message
	m = frame.Message{Kind: frame.Reply, Metadata: c.in.ReplyMetadata, Body: c.in.Results}
	if c.in.Error == nil {
		if replaced = m.Check(limit); replaced != nil {
			c.in.Error = &CallError{Code: codeResourceExhausted, Message: "answer: " + replaced.Error()}
		}
	}
	if c.in.Error != nil {
		m.Flags, m.Body = frame.FlagError, c.in.Error.Append(nil)
		if err := m.Check(limit); err != nil {
			replaced = cmp.Or(replaced, err)
			m.Metadata, m.Body = nil, tooLarge(c.in.Error).Append(nil)
		}
	}
	if len(m.Metadata) > 0 {
		m.Flags |= frame.FlagMetadata
	}
	return m, replaced
}

// A replacedReply tells who waits for an answer that another was given in its place, and why.
type replacedReply struct {
	who Replied
	why error
}

func (r replacedReply) Replied(err error) { r.who.Replied(cmp.Or(err, r.why)) }

// tooLarge stands for an error that is itself too large.
func tooLarge(e *CallError) *CallError {
	return &CallError{Code: e.Code, Message: frame.Shorten(e.Message) + " (more is too large to send)"}
}

// leave ends a call of the peer that is answered.
func (s *Session) leave(c *call) {
	s.discard(c)
	s.incoming.remove(c)
	s.release(c)
	s.settle()
}

// lineError returns what calls get when the session is frame.Broken.
func (s *Session) lineError(unsent bool) error {
	return &LineError{NotRun: unsent || errors.Is(s.cause, ErrClassicOnly), Cause: s.cause}
}
