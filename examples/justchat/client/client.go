package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/client/parcels"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// A Client is one process of a user. Its methods may be called at once, also from Events, unless they say
// otherwise.
type Client struct {
	Config
	nodeTLS  *tls.Config
	listener *listener // nil without Direct

	ctx  context.Context // ends with the client; its cause is why
	stop context.CancelCauseFunc
	work sync.WaitGroup // all goroutines but Run's own; Run waits

	parcels   *parcels.Set                       // the files; it takes c.mu, and is never called with it held
	authority atomic.Pointer[identity.Authority] // nil before a node was met
	dropped   atomic.Uint64

	mu      sync.Mutex
	running bool
	closed  bool          // no more goroutines are to start
	done    chan struct{} // closed when Run has returned
	changed chan struct{} // closed, and made anew, when something changes that somebody may wait for
	pump    pump

	// Who we are, see balancer.go.
	name     string // as it was signed up; empty before that is known
	token    []byte
	balancer *balancer // that has let us in, or nil

	// Where we are, see link.go and seek.go.
	order   api.ChatServer // the last one
	current *link          // has welcomed us
	next    *link          // is to
	lost    string         // the name of the server that was lost last, until that is reported
	flaps   int            // links in a row that ended soon
	seeking bool

	// What was shown, see receive.go.
	begun  bool // seen is what a server said we begin with, or more
	seen   causal.Vector
	once   causal.Once // of messages to all
	letter causal.Once // of private ones

	outbox  outbox
	letters map[string]*letters // by the skeleton of the receiver's name
	waiting int                 // letters that are not acknowledged
	dialed  map[string]*dialed  // clients by user
	relayed map[uint64]bool     // the numbers of offers of ours that servers relay now
}

// New makes a client. With Direct it listens from now on. Run makes it run.
func New(config Config) (*Client, error) {
	if len(config.LoadBalancers) == 0 || config.User == "" || config.Password == nil {
		return nil, errors.New("a client needs a load balancer's address, a user and a password")
	}
	if config.Pin == nil && config.Authority == nil {
		return nil, errors.New("a client needs a way to tell its cluster from another: a pin or an authority")
	}
	config.Limits = config.Limits.withDefaults()
	config.Logger = cmp.Or(config.Logger, slog.Default())
	config.Listen = cmp.Or(config.Listen, ":0")
	if config.Events == nil {
		config.Events = func(Event) {}
	}
	if config.Key == nil {
		key, err := identity.NewKey()
		if err != nil {
			return nil, err
		}
		config.Key = key
	}
	c := &Client{
		Config:  config,
		done:    make(chan struct{}),
		changed: make(chan struct{}),
		seen:    make(causal.Vector),
		once:    causal.Once{Max: config.Limits.Senders},
		letter:  causal.Once{Max: config.Limits.Senders},
		letters: make(map[string]*letters),
		dialed:  make(map[string]*dialed),
		relayed: make(map[uint64]bool),
	}
	c.parcels = newParcels(c)
	c.authority.Store(config.Authority)
	c.nodeTLS = config.Key.TLS(c.pin)
	c.ctx, c.stop = context.WithCancelCause(context.Background())
	if !config.Direct {
		return c, nil
	}
	l, err := listen(c)
	if err != nil {
		return nil, err
	}
	c.listener = l
	return c, nil
}

// pin accepts the cluster of a node that was met, or not. One whose secret was rotated is the same cluster.
func (c *Client) pin(met *identity.Authority) error {
	known := c.authority.Load()
	switch {
	case known != nil && (known.Is(met.Fingerprint()) || met.Is(known.Fingerprint())):
	case c.Config.Authority != nil:
		return &WrongCluster{fmt.Errorf("its fingerprint is %s, not %s", met.Fingerprint(), known.Fingerprint())}
	default:
		if err := c.Pin(met); err != nil {
			return &WrongCluster{err}
		}
	}
	if !c.authority.CompareAndSwap(nil, met) {
		c.authority.Load().Learn(met)
	}
	return nil
}

// WrongCluster says that a node is not of the cluster that is meant. Whoever answers at that address has
// another secret.
type WrongCluster struct{ Reason error }

func (e *WrongCluster) Error() string {
	return "this is not the cluster that is meant: " + e.Reason.Error()
}

func (e *WrongCluster) Unwrap() error { return e.Reason }

// ErrClosed is what calls return once the client has ended. ErrAnew is the Err of a Transfer in whose place another one goes on, since the
// file was offered anew: that one tells what becomes of it.
var (
	ErrClosed = parcels.ErrClosed
	ErrAnew   = parcels.ErrAnew
)

// Run enters the room and stays there until ctx ends or Close is called, when it returns nil, or until
// the user cannot be let in: the error is then that of Password, of Pin, or one that the load balancer
// declares. It is called once.
func (c *Client) Run(ctx context.Context) error {
	c.mu.Lock()
	if c.running || c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	c.running = true
	c.mu.Unlock()
	defer close(c.done)
	defer context.AfterFunc(ctx, func() { c.stop(ErrClosed) })()
	c.stop(c.join())
	c.end()
	if err := context.Cause(c.ctx); !errors.Is(err, ErrClosed) {
		return err
	}
	return nil
}

// Close ends the client and waits for Run. What is not acknowledged then is lost, see Flush. It is not
// called from Events.
func (c *Client) Close() error {
	c.stop(ErrClosed)
	c.mu.Lock()
	running := c.running
	c.closed = c.closed || !running // so that Run does not begin
	c.mu.Unlock()
	if running {
		<-c.done
	} else {
		c.end()
	}
	return nil
}

// end takes down what is left once ctx has ended.
func (c *Client) end() {
	c.mu.Lock()
	c.closed = true
	c.stir()
	dialed := c.dialed
	c.dialed = nil
	c.mu.Unlock()
	for _, d := range dialed {
		d.close()
	}
	if c.listener != nil {
		c.listener.close()
	}
	c.parcels.Close()
	c.work.Wait()
}

// start runs f in a goroutine that Run waits for, unless the client has ended. c.mu is held.
func (c *Client) start(f func()) {
	if !c.closed {
		c.work.Go(f)
	}
}

// stir wakes those who wait. c.mu is held.
func (c *Client) stir() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// await waits until is holds, which is asked with c.mu held; it may change things once it does. It returns
// false when ctx or the client ends first.
func (c *Client) await(ctx context.Context, is func() bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ctx.Err() == nil && c.ctx.Err() == nil {
		if is() {
			return true
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		case <-c.ctx.Done():
		}
		c.mu.Lock()
	}
	return false
}

// pause waits, or until the client ends.
func (c *Client) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.ctx.Done():
	}
}

// Name returns the user's name as it was signed up, or as Config has it before that is known.
func (c *Client) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Or(c.name, c.User)
}

// Dropped returns how many messages were dropped because they were not by the one whose name they bore, or made no
// sense.
func (c *Client) Dropped() uint64 { return c.dropped.Load() }

// drop notes that something came that no honest node sends. The log has the first, and then ever fewer.
func (c *Client) drop(what string, m *justchat.Message, reason error) {
	if n := c.dropped.Add(1); n&(n-1) == 0 {
		c.Logger.Warn("dropped "+what, "from", m.From, "number", m.Number, "reason", reason, "dropped", n)
	}
}

// options are those of all connections to nodes.
func (c *Client) options() []runtime.ClientOption {
	options := []runtime.ClientOption{
		runtime.WithTLS(c.nodeTLS),
		runtime.WithLogger(c.Logger),
		runtime.WithKeepalive(c.Limits.Keepalive),
		runtime.WithMaxCalls(maxCalls),
		runtime.WithStreamWindow(fileWindow),
	}
	if c.ShiViz != nil {
		options = append(options, runtime.WithInterceptors(c.ShiViz.Interceptor()))
	}
	return options
}

// maxCalls is how many calls a node, or another client, may have under way with us.
const maxCalls = 64
