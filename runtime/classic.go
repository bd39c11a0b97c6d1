package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"os"

	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// A ClassicClient is a [Caller] that speaks the classic form: each call dials a
// connection of its own. It holds nothing open and need not be closed.
type ClassicClient struct {
	address   string
	transport classic.Client
	tls       *tls.Config // or nil
	chain     chain
}

var _ Caller = (*ClassicClient)(nil)

// Classic returns a Caller for the server at address, "host:port".
func Classic(address string, options ...ClassicOption) *ClassicClient {
	c := &ClassicClient{address: address}
	for _, option := range options {
		option.applyToClassic(c)
	}
	if c.tls != nil {
		c.transport.Dial = dialTLS(c.transport.Dial, c.tls)
	}
	return c
}

// Call dials, sends the request, and reads the response. It fails with
// [CodeResourceExhausted] when the request is over 65,535 bytes, with the context's
// code when the context or the call's time ends, and else with
// [CodeUnavailable], marked as a broken line.
func (c *ClassicClient) Call(ctx context.Context, call *Call) error {
	if len(c.chain) > 0 {
		return c.chain.call(ctx, call, c.roundTrip)
	}
	return c.roundTrip(ctx, call)
}

func (c *ClassicClient) interceptors() chain { return c.chain }

func (c *ClassicClient) roundTrip(ctx context.Context, call *Call) error {
	carriedBy(ctx).reply.set(nil)
	call.frame = append(call.frame[:0], 0, 0) // room for the length
	call.frame = codec.WriteUint16(call.frame, call.Method.Type)
	call.frame = append(call.frame, call.Out...)

	client := c.transport
	client.Timeout = timeoutOf(call.Method, client.Timeout)
	frame, err := client.RoundTrip(ctx, c.address, call.frame)
	if err != nil {
		return call.lineError(err)
	}
	call.frame, call.response, call.classic = frame, frame[classic.LengthSize:], true
	call.In.Reset(call.response, true)
	return nil
}

// Open fails with [CodeUnimplemented]: streams need a session.
func (c *ClassicClient) Open(_ context.Context, call *Call) (Stream, error) {
	return nil, call.needsSession()
}

// lineError gives an error of the transport its code and the call's name.
func (c *Call) lineError(err error) error {
	var size *classic.SizeError
	switch {
	case errors.As(err, &size):
		return c.fail(CodeResourceExhausted, "request: "+err.Error(), err)
	case errors.Is(err, context.Canceled):
		return c.fail(CodeCanceled, err.Error(), err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return c.fail(CodeDeadlineExceeded, err.Error(), err)
	}
	e := c.fail(CodeUnavailable, err.Error(), err)
	e.broken = true
	return e
}
