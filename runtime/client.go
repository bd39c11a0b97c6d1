package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// maxTries is how often a call is made at most.
const maxTries = 3

// A Client is a [Caller] that speaks the session form: all its calls share one
// connection. It is also a [Registrar]: the server can call the services that are
// registered with it, see [CallerFrom]. Any number of goroutines may use it at once.
//
// The first call connects, or [Client.Connect]. When the connection breaks, or the
// server says that it takes no new calls, the next call connects again; a client with
// services does so by itself, for the server's calls. If no address can be connected to,
// the calls that wait for it fail with what the system, or the TLS handshake, says. The next attempt follows
// after a pause, which grows from 50 ms to 2 s and varies at random; calls wait for it.
//
// A call that fails because the line broke is made again, three times in all and within
// its deadline, if its method is @idempotent or if it certainly did not run. Calls with
// streams are made again only if they did not run.
type Client struct {
	answerer
	addresses []string
	dialer    func(ctx context.Context, network, address string) (net.Conn, error)
	tls       *tls.Config // or nil

	ctx     context.Context // ends with Close
	end     context.CancelFunc
	work    sync.WaitGroup       // dialling, sessions and their ends: Close waits
	current atomic.Pointer[line] // set under connecting; nil before the first

	connecting sync.Mutex
	closed     bool
	attempt    *attempt // that runs, or nil
	failures   int      // since a connection proved good
	first      int      // index of the address to try first
	failure    error    // why the last attempt failed, or nil
}

var (
	_ Caller    = (*Client)(nil)
	_ Registrar = (*Client)(nil)
)

// systemDialer is all clients' that have no other.
var systemDialer net.Dialer

// Dial returns a client of the server at address, "host:port", or at several, separated
// by commas: they are tried in turn, beginning with the one that worked last. Dial itself
// does not connect and cannot fail. The client is to be closed.
func Dial(address string, options ...ClientOption) *Client {
	c := &Client{addresses: strings.Split(address, ",")}
	for i := range c.addresses {
		c.addresses[i] = strings.TrimSpace(c.addresses[i])
	}
	for _, option := range options {
		option.applyToClient(c)
	}
	if c.dialer == nil {
		c.dialer = systemDialer.DialContext
	}
	if c.tls != nil {
		c.dialer = dialTLS(c.dialer, c.tls)
	}
	c.answerer.begin()
	c.config.Workers = transport.NewWorkers()
	c.config.Drained = c.replace
	c.config.Ended = func(*transport.Session) { c.work.Done() }
	c.ctx, c.end = context.WithCancel(context.Background())
	return c
}

// Register lets service answer the calls that the server makes. It is called before the
// client connects, and panics as [Server.Register] does.
func (c *Client) Register(service Service) { c.registry.Register(service) }

// connectMethod names Connect in its errors.
var connectMethod = Method{Service: "runtime.Client", Name: "Connect"}

// Connect connects, if the client is not connected, and waits until the server has
// answered. Errors are as those of a call.
func (c *Client) Connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(&connectMethod, c.timeout))
	defer cancel()
	l, err := c.connected(ctx, time.Time{})
	if err == nil {
		if err = l.session.Ping(ctx); err == nil {
			l.prove(nil)
		}
	}
	return callError(&connectMethod, err)
}

// Call implements [Caller]. It fails with [CodeUnavailable], marked as a broken line,
// when no server can be reached or the connection broke; with [CodeUnimplemented] when the server
// speaks only the classic form; with [CodeResourceExhausted] when the parameters
// or the metadata are too large; with the context's code when the context or the call's time
// ends, or with [CodeCanceled] when the client is closed; else with what the server answered.
func (c *Client) Call(ctx context.Context, call *Call) error {
	if len(c.chain) > 0 {
		return c.chain.call(ctx, call, c.retry)
	}
	return c.retry(ctx, call)
}

func (c *Client) interceptors() chain { return c.chain }

// retry makes a unary call, again where that may be.
func (c *Client) retry(ctx context.Context, call *Call) error {
	request, err := unaryRequest(ctx, call, c.timeout)
	if err != nil {
		return err
	}
	return c.try(ctx, call, &request, func(l *line) error { return l.call(ctx, call, &request) })
}

// Open implements [Caller]. Errors are as those of Call.
func (c *Client) Open(ctx context.Context, call *Call) (Stream, error) {
	request, err := newRequest(ctx, call)
	if err != nil {
		return nil, err
	}
	var stream *transport.Stream
	err = c.try(ctx, call, &request, func(l *line) (err error) {
		stream, err = l.session.Open(ctx, &request)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newCallerStream(ctx, stream, call.Method), nil
}

// try connects and does what do does, again where that may be.
func (c *Client) try(ctx context.Context, call *Call, request *transport.Request, do func(*line) error) error {
	for n := 1; ; n++ {
		l, err := c.lineFor(ctx, request)
		if err == nil {
			err = do(l)
			l.prove(err)
		}
		if err == nil {
			return nil
		}
		if n == maxTries || !mayTryAgain(call.Method, err) {
			return sessionError(call.Method, err)
		}
	}
}

// lineFor returns a line for a call, whose time begins now.
func (c *Client) lineFor(ctx context.Context, request *transport.Request) (*line, error) {
	if l := c.ready(); l != nil {
		return l, nil
	}
	if request.Timeout > 0 { // connecting takes part of it
		request.Deadline = earlier(request.Deadline, time.Now().Add(request.Timeout))
		request.Timeout = 0
	}
	return c.connected(ctx, request.Deadline)
}

// mayTryAgain reports whether a call that failed with err may be made again.
func mayTryAgain(method *Method, err error) bool {
	var line *transport.LineError
	if !errors.As(err, &line) || errors.Is(err, transport.ErrClassicOnly) || distrusted(err) {
		return false
	}
	return line.NotRun || method.Idempotent
}

// Close breaks the connection, which fails the calls that are not answered, and waits for the
// client's goroutines, handlers of its services among them. Its error is always nil.
func (c *Client) Close() error {
	c.connecting.Lock()
	c.closed = true
	if c.attempt != nil {
		c.attempt.cancel()
	}
	c.connecting.Unlock()
	c.end()
	if l := c.current.Load(); l != nil {
		l.session.Close()
	}
	c.work.Wait()
	c.config.Workers.Close()
	c.hooks.wait()
	return nil
}
