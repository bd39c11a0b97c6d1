package classic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"
)

// A Client makes calls in the classic form, each over a connection of its own.
// The zero value is ready. It holds no state; any number of goroutines may use it.
type Client struct {
	// Dial makes a connection. Nil is a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Timeout bounds a call as a whole, dialling included. Zero is DefaultTimeout. A
	// context with an earlier deadline goes before.
	Timeout time.Duration
}

// A connection that lives for one call is never idle long enough for keep-alive
// probes; not setting them up saves system calls.
var dialer = net.Dialer{KeepAlive: -1}

// SendAndReceive sends message to the server at address, over a new connection, and
// returns the response, with [DefaultTimeout] as the longest that this takes.
// See [Client.SendAndReceive].
func SendAndReceive(ctx context.Context, address string, message []byte) ([]byte, error) {
	return new(Client).SendAndReceive(ctx, address, message)
}

// SendAndReceive sends message to the server at address, over a new connection, and
// returns the response, which is the caller's. The message is only read. Errors are as
// those of RoundTrip.
func (c *Client) SendAndReceive(ctx context.Context, address string, message []byte) ([]byte, error) {
	frame := make([]byte, LengthSize, max(LengthSize+len(message), bufferSize))
	frame, err := c.RoundTrip(ctx, address, append(frame, message...))
	if err != nil {
		return nil, err
	}
	return bytes.Clone(frame[LengthSize:]), nil
}

// RoundTrip is SendAndReceive without copying: frame is LengthSize bytes of room and
// the message, and the frame that it returns is LengthSize bytes and the response, in the same
// storage or, if that was too small, in new storage.
//
// A message that is too long gives a *SizeError. When ctx ends or the time is over, the
// error is context.Canceled or context.DeadlineExceeded to errors.Is. Every
// other error means that the server could not be reached or broke off.
func (c *Client) RoundTrip(ctx context.Context, address string, frame []byte) ([]byte, error) {
	if err := seal(frame); err != nil {
		return nil, err
	}
	began := time.Now()
	deadline := began.Add(c.timeout())
	if earlier, ok := ctx.Deadline(); ok && earlier.Before(deadline) {
		deadline = earlier
	}
	conn, err := c.dial(ctx, deadline, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	response, err := exchange(conn, address, frame)
	if err != nil {
		return nil, explain(ctx, err, address, time.Since(began))
	}
	return response, nil
}

func (c *Client) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return DefaultTimeout
}

// dial returns a connection on which deadline is set.
func (c *Client) dial(ctx context.Context, deadline time.Time, address string) (net.Conn, error) {
	if c.Dial == nil && ctx.Done() == nil && isNumeric(address) {
		ctx = deadlineOnly{ctx, deadline}
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	dial := c.Dial
	if dial == nil {
		dial = dialer.DialContext
	}
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		if cause := endOf(ctx, err); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return nil, err
	}
	// An error here means that the connection is broken; the write will say so.
	conn.SetDeadline(deadline)
	return conn, nil
}

func isNumeric(address string) bool {
	_, err := netip.ParseAddrPort(address)
	return err == nil
}

// A deadlineOnly is a context for connecting to a numeric address, on behalf of one
// that cannot end. Package net hands the deadline to the poller, so no timer and no
// goroutine need stand by, which would cost a fifteenth of a call on the loopback. That
// package uses the deadline only if Done is not nil.
type deadlineOnly struct {
	context.Context
	deadline time.Time
}

var never = make(chan struct{})

func (c deadlineOnly) Deadline() (time.Time, bool) { return c.deadline, true }
func (c deadlineOnly) Done() <-chan struct{}       { return never }

// AfterFunc is what context.AfterFunc calls, if it is there.
func (c deadlineOnly) AfterFunc(func()) func() bool { return func() bool { return true } }

// exchange sends one frame and reads another into its storage.
func exchange(conn net.Conn, address string, frame []byte) ([]byte, error) {
	if _, err := conn.Write(frame); err != nil {
		return nil, err
	}
	frame, err := readFrame(conn, frame, nil)
	if err != nil {
		return nil, cutOff(address, frame, err)
	}
	return frame[:sealed(frame)], nil
}

// cutOff says how far a response came, of which frame is all that came before err.
func cutOff(address string, frame []byte, err error) error {
	how := "broke off"
	if errors.Is(err, io.EOF) {
		how, err = "closed the connection", io.ErrUnexpectedEOF
	}
	switch size := sealed(frame); {
	case len(frame) == 0:
		return fmt.Errorf("%s %s without a response: %w", address, how, err)
	case size < 0:
		return fmt.Errorf("%s %s in the length of its response: %w", address, how, err)
	default:
		return fmt.Errorf("%s %s after %d of the %d bytes of its response: %w",
			address, how, len(frame)-LengthSize, size-LengthSize, err)
	}
}

// explain says that time ran out where that is why reading or writing failed.
func explain(ctx context.Context, err error, address string, took time.Duration) error {
	if cause := endOf(ctx, err); cause != nil {
		return fmt.Errorf("no response from %s after %v: %w", address, took.Round(time.Millisecond), cause)
	}
	return err
}

// endOf returns context.Canceled or context.DeadlineExceeded, if that is behind err, or
// nil. A deadline on a connection can be noticed before the one of the context is.
func endOf(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return nil
}
