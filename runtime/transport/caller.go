package transport

import (
	"context"
	"io"
	"math"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// A Request is what a call sends.
type Request struct {
	Method   uint16
	Params   []byte    // only read
	Metadata []byte    // an encoded map of strings, at most frame.MaxMetadata bytes; nil is none
	Deadline time.Time // when the call is given up; zero is never

	// Timeout, if it is not zero, is after how long the call is given up, if that comes before Deadline. Once
	// the call is on its way it is zero, and Deadline says the same.
	Timeout time.Duration
}

// A Response is what a call brings. Both parts are the caller's; the storage of the Results
// that stood here before the call is the session's when it succeeds.
type Response struct {
	Results  []byte
	Metadata []byte // nil if there is none
}

// Call makes a call and waits for its answer. While as many calls are open as the peer
// accepts, it waits for one of them to end.
//
// The error is a *CallError if the peer answered with one (then response.Metadata may
// be set), a *MessageError if the request is too large, the context's error
// (context.DeadlineExceeded as well when request.Deadline is over, to within some 10 ms), or a *LineError.
func (s *Session) Call(ctx context.Context, request *Request, response *Response) error {
	left, err := request.left(ctx)
	if err != nil {
		return err
	}
	done := ctx.Done()
	c := s.newCall()
	s.mu.Lock()
	if err = s.open(ctx, c, request, left); err != nil {
		s.flush()
		return err
	}
	s.flushLocked()
	err = c.await(ctx, done)
	if err == nil && c.state == stateAnswered { // the table has let go of it
		err = c.take(response)
		c.recycle()
		return err
	}
	if err == nil {
		err = c.err
		s.mu.Lock()
	}
	s.let(c)
	s.flush()
	return err
}

// left returns how long the call may take, 0 for ever, or why it is not to be made at all. It is
// called without the lock, since ctx may be somebody's who asks his session for what it says.
func (r *Request) left(ctx context.Context) (time.Duration, error) {
	if err := ctx.Err(); err != nil || r.Deadline.IsZero() {
		return r.Timeout, err
	}
	left := time.Until(r.Deadline)
	if left <= 0 {
		return 0, context.DeadlineExceeded
	}
	if 0 < r.Timeout && r.Timeout < left {
		return r.Timeout, nil
	}
	r.Timeout = 0
	return left, nil
}

// open sends the CALL. It is called and returns with the lock held, and leaves the
// writing to flush. After an error the call is not the caller's any more.
func (s *Session) open(ctx context.Context, c *call, request *Request, left time.Duration) error {
	if request.Timeout > 0 {
		request.Deadline, request.Timeout = s.clock.after(request.Timeout), 0
	}
	c.deadline = request.Deadline
	m := frame.NewCall(request.Method, left, request.Metadata, request.Params)
	err := s.fit(ctx, c, &m)
	if err == nil {
		err = c.allows(frame.Call)
	}
	if err == nil {
		err = s.acquire(ctx, c, frame.Call, &s.slots, 1)
	}
	if err != nil {
		s.release(c)
		return err
	}
	if err = s.post(ctx, c, &m); err == nil || err == io.EOF { // or is answered before it is whole
		return nil
	}
	if c.number == 0 { // nothing was sent
		s.slots.give(1)
		s.release(c)
		return err
	}
	s.abandon(c, err)
	s.let(c)
	return err
}

// enter gives c its number, as its first frame is about to be sent.
func (s *Session) enter(c *call) error {
	if err := c.allows(frame.Call); err != nil {
		return err
	}
	if s.lastOut+2 > math.MaxUint32 {
		s.depart(errNumbers)
		return c.allows(frame.Call)
	}
	s.lastOut += 2
	c.number, c.state, c.holders = uint32(s.lastOut), stateWaiting, 2
	if c.flow != nil {
		c.flow.open(s)
	}
	s.outgoing.put(c)
	if !c.streaming {
		s.count()
	}
	if !c.deadline.IsZero() {
		s.clock.watch(c.deadline)
	}
	return nil
}

// count counts a caller that begins to wait. One of those that are back was not taken off the count.
func (s *Session) count() {
	if s.back > 0 {
		s.back--
	} else {
		s.callers++
	}
}

// waited ends the waiting of a call's caller.
func (c *call) waited(state callState) {
	c.state = state
	if !c.streaming {
		c.s.back++
	}
}

// await waits for the answer, or reads until it comes. done is ctx.Done(), which is not to be
// asked for with the lock held. It is called with the lock held.
// With an error it has abandoned the call, and returns with the lock held.
func (c *call) await(ctx context.Context, done <-chan struct{}) error {
	s := c.s
	if s.canLead(c, done) {
		s.lead(c)
		return nil
	}
	s.listen()
	s.mu.Unlock()
	if done == nil {
		<-c.ready
		return nil
	}
	select {
	case <-c.ready:
		return nil
	case <-done:
	}
	err := ctx.Err()
	s.mu.Lock()
	if c.state != stateWaiting {
		s.mu.Unlock()
		<-c.ready // the answer was quicker
		return nil
	}
	s.abandon(c, err)
	return err
}

// take moves the answer to response, without the lock.
func (c *call) take(response *Response) error {
	if c.err != nil {
		return c.err
	}
	response.Metadata = nil
	if c.results > 0 {
		response.Metadata = append(response.Metadata, c.data[:c.results]...)
	}
	if c.refusal != nil {
		return c.refusal
	}
	if c.results == 0 && len(c.data) > 0 {
		response.Results, c.data = c.data, response.Results
		return nil
	}
	response.Results = append(response.Results[:0], c.data[c.results:]...)
	return nil
}

// abandon gives up a waiting call, with CANCEL. Its REPLY is still to come. It returns false if the call does not wait.
func (s *Session) abandon(c *call, why error) bool {
	if s.cause != nil || c.state != stateWaiting {
		return false
	}
	e := cancelError(why)
	s.control(frame.AppendCancel(nil, c.number, e.Code, e.Message))
	c.canceled, c.err = why, why
	c.waited(stateAbandoned)
	if c.flow != nil {
		c.flow.deafen()
	}
	signal(c.ready)
	signal(c.wake)
	s.interrupt(c)
	return true
}

// cancelError returns how the peer learns of why.
func cancelError(why error) *CallError {
	if e, ok := why.(*CallError); ok {
		return e
	}
	if why == context.DeadlineExceeded {
		return &CallError{Code: codeDeadlineExceeded, Message: "the caller's deadline is over"}
	}
	return &CallError{Code: codeCanceled, Message: "the caller gave up: " + why.Error()}
}
