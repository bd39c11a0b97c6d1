package runtime

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// A memoryCaller is a Caller whose peer is a handler in the same program. It keeps the
// contract of Stream, and stands in for a session.
type memoryCaller struct {
	handle  func(ctx context.Context, call *Call) error
	handler sync.WaitGroup // goroutines of handle
}

func (m *memoryCaller) Call(context.Context, *Call) error { panic("only streams here") }

func (m *memoryCaller) Open(ctx context.Context, call *Call) (Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, call.lineError(err)
	}
	c := &memoryCall{
		up: make(chan []byte), upEnd: make(chan struct{}), upStop: make(chan struct{}),
		down: make(chan []byte), replied: make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	callee := newCalleeCall(call.Method, bytes.Clone(call.Out))
	callee.stream = &calleeEnd{memoryCall: c}
	m.handler.Go(func() {
		c.err = m.handle(c.ctx, callee)
		c.results = bytes.Clone(callee.Out)
		callee.Release()
		close(c.replied)
	})
	return &callerEnd{c}, nil
}

// A memoryCall is one call with its streams.
type memoryCall struct {
	ctx     context.Context // ended by the caller's Cancel
	cancel  context.CancelCauseFunc
	up      chan []byte   // caller to callee
	upEnd   chan struct{} // closed by the caller after its last item
	upStop  chan struct{} // closed by the callee, which wants no more
	down    chan []byte   // callee to caller
	replied chan struct{} // closed when the callee has answered with
	results []byte
	err     error
}

// canceled is what both sides get once the caller has cancelled.
func (c *memoryCall) canceled() error {
	return NewError(CodeCanceled, context.Cause(c.ctx).Error())
}

type callerEnd struct{ *memoryCall }

func (c *callerEnd) Send(item []byte) error {
	if c.ctx.Err() != nil {
		return c.canceled()
	}
	select {
	case c.up <- bytes.Clone(item):
		return nil
	case <-c.upStop:
		return io.EOF
	case <-c.replied:
		return io.EOF
	case <-c.ctx.Done():
		return c.canceled()
	}
}

func (c *callerEnd) CloseSend() error {
	close(c.upEnd)
	return nil
}

func (c *callerEnd) Receive() ([]byte, error) {
	if c.ctx.Err() != nil {
		return nil, c.canceled()
	}
	select {
	case item := <-c.down:
		return item, nil
	case <-c.replied:
		if c.err != nil {
			return nil, &Error{code: CodeOf(c.err), message: c.err.Error(), remote: true}
		}
		return nil, io.EOF
	case <-c.ctx.Done():
		return nil, c.canceled()
	}
}

func (c *callerEnd) Reply(call *Call) error {
	for {
		if _, err := c.Receive(); err != nil {
			call.In.Reset(c.results, false)
			return unlessEOF(err)
		}
	}
}

func (c *callerEnd) Cancel(err error) { c.cancel(err) }

type calleeEnd struct {
	*memoryCall
	stop sync.Once
}

func (c *calleeEnd) Send(item []byte) error {
	select {
	case c.down <- bytes.Clone(item):
		return nil
	case <-c.ctx.Done():
		return c.canceled()
	}
}

func (c *calleeEnd) Receive() ([]byte, error) {
	select {
	case item := <-c.up:
		return item, nil
	case <-c.upEnd:
		return nil, io.EOF
	case <-c.ctx.Done():
		return nil, c.canceled()
	}
}

func (c *calleeEnd) CloseSend() error  { panic("the answer ends the stream") }
func (c *calleeEnd) Reply(*Call) error { panic("a callee answers") }
func (c *calleeEnd) Cancel(error)      { c.stop.Do(func() { close(c.upStop) }) }
