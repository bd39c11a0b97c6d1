package runtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// The pause between attempts to connect doubles from minPause to maxPause. Its length is
// between the half and the whole of that, at random, so that the clients of a server that
// comes back do not come all at once.
const (
	minPause = 50 * time.Millisecond
	maxPause = 2 * time.Second
)

// errClientClosed is what the calls of a closed client get.
var errClientClosed = errors.New("the client is closed")

// A line is one connection of a client.
type line struct {
	sessionCaller
	index  int         // of its address
	proved atomic.Bool // a call was answered
}

// gone reports whether the line takes no new calls.
func (l *line) gone() bool { return l.session.IsDraining() }

// prove notes that the peer answers, if err, of a call, does not say otherwise.
func (l *line) prove(err error) {
	if l.proved.Load() {
		return
	}
	var answer *transport.CallError
	if err == nil || errors.As(err, &answer) {
		l.proved.Store(true)
	}
}

// An attempt is one try to connect to any of the addresses. line and err are set when
// done is closed. Its context is no child of the client's, which would keep room for children
// for as long as the client is idle.
type attempt struct {
	ctx    context.Context
	cancel context.CancelFunc // Close calls it
	done   chan struct{}
	line   *line
	err    error
}

// ready returns the line that takes calls now, or nil.
func (c *Client) ready() *line {
	if l := c.current.Load(); l != nil && !l.gone() {
		return l
	}
	return nil
}

// connected returns a line, for which it waits until ctx ends or deadline, which may be
// zero, is over. Its error is of the transport.
func (c *Client) connected(ctx context.Context, deadline time.Time) (*line, error) {
	if l := c.ready(); l != nil {
		return l, nil
	}
	a, failure, err := c.join()
	if err != nil {
		return nil, err
	}
	if !deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	select {
	case <-a.done:
		return a.line, a.err
	case <-ctx.Done():
	}
	if failure != nil {
		return nil, fmt.Errorf("%w, while waiting to try again after: %v", ctx.Err(), failure)
	}
	return nil, fmt.Errorf("no connection to %s yet: %w", strings.Join(c.addresses, ", "), ctx.Err())
}

// join returns the attempt that runs, or has a new one run, and why the one before failed.
func (c *Client) join() (*attempt, error, error) {
	c.connecting.Lock()
	defer c.connecting.Unlock()
	if c.closed {
		return nil, nil, errClientClosed
	}
	if c.attempt != nil {
		return c.attempt, c.failure, nil
	}
	a := &attempt{done: make(chan struct{})}
	if l := c.current.Load(); l != nil {
		if !l.gone() { // another attempt has ended in between
			a.line = l
			close(a.done)
			return a, nil, nil
		}
		c.judge(l)
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	c.attempt = a
	pause := pauseAfter(c.failures)
	c.work.Go(func() { c.connect(a, pause) }) // Close waits
	return a, c.failure, nil
}

// judge decides, now that l is gone, where to connect next and how soon.
func (c *Client) judge(l *line) {
	c.current.Store(nil)
	err, proved := l.session.Err(), l.proved.Load()
	if proved {
		c.failures, c.failure = 0, nil
	} else {
		c.failures, c.failure = c.failures+1, err
	}
	if !proved || err == nil || errors.Is(err, transport.ErrClosed) { // it is no good, or has said that it is leaving
		c.first = (l.index + 1) % len(c.addresses)
	}
}

// pauseAfter returns how long to wait after so many failures in a row.
func pauseAfter(failures int) time.Duration {
	if failures == 0 {
		return 0
	}
	pause := min(minPause<<min(failures-1, 10), maxPause)
	return pause/2 + rand.N(pause/2)
}

// connect makes the attempt, after a pause.
func (c *Client) connect(a *attempt, pause time.Duration) {
	defer a.cancel()
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-a.ctx.Done():
		}
	}
	l, err := (*line)(nil), errDialerExited
	defer func() { c.arrive(a, l, err) }()
	l, err = c.dial(a.ctx)
}

// errDialerExited is what calls get whose dialer ended its goroutine, as the end of a test does.
var errDialerExited = errors.New("the dialer ended its goroutine")

// arrive ends the attempt a, which has brought l, or err.
func (c *Client) arrive(a *attempt, l *line, err error) {
	c.connecting.Lock()
	defer c.connecting.Unlock()
	defer close(a.done)
	c.attempt = nil
	switch {
	case c.closed && l != nil:
		c.work.Go(l.session.Close)
		fallthrough
	case c.closed:
		a.err = errClientClosed
	case err != nil:
		c.failures++
		c.failure = err
		a.err = &transport.LineError{NotRun: true, Cause: err}
	default:
		a.line = l
		c.current.Store(l)
	}
}

// dial tries the addresses in turn. Each has its share of the time.
func (c *Client) dial(ctx context.Context) (*line, error) {
	c.connecting.Lock()
	first := c.first
	c.connecting.Unlock()
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(&connectMethod, c.timeout))
	defer cancel()
	deadline, _ := ctx.Deadline()
	var failed error
	for i := range c.addresses {
		index := (first + i) % len(c.addresses)
		share := time.Until(deadline) / time.Duration(len(c.addresses)-i)
		l, err := c.dialOne(ctx, index, share)
		if err == nil {
			return l, nil
		}
		if failed == nil {
			failed = err
		} else {
			failed = fmt.Errorf("%w; %w", failed, err)
		}
	}
	return nil, failed
}

func (c *Client) dialOne(ctx context.Context, index int, timeout time.Duration) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := c.dialer(ctx, "tcp", c.addresses[index])
	if err != nil {
		return nil, err
	}
	c.work.Add(1) // until the session has ended; Close waits
	session := transport.Dialled(conn, &c.config)
	return &line{sessionCaller: sessionCaller{session: session, timeout: c.timeout}, index: index}, nil
}

// replace is called once a session takes no new calls. It lets the calls on it end, and if
// the server has calls to make sees to another.
func (c *Client) replace(session *transport.Session) {
	c.work.Go(func() { session.Shutdown(c.ctx, "the connection is replaced by another") }) // Close waits
	if !c.empty() {
		c.work.Go(c.reconnect) // Close waits
	}
}

// reconnect connects until it has worked or the client is closed. What stands in the way is
// logged, once as long as it stays the same.
func (c *Client) reconnect() {
	for said := ""; c.ctx.Err() == nil; {
		l, err := c.connected(c.ctx, time.Time{})
		switch {
		case err == nil && l.gone(): // broken already
		case err == nil:
			return
		case c.ctx.Err() == nil && err.Error() != said:
			said = err.Error()
			c.logger.Warn("connecting again fails, will keep trying", "reason", said)
		}
	}
}
