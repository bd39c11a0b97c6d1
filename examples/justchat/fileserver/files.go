package fileserver

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// A Config is what Files are made of. All but Store, Limits and Logger is needed.
type Config struct {
	Name      string            // of the server
	Store     *blobstore.Store  // stays the caller's to close, after the Files; nil keeps no public files
	Balance   lbapi.NodeService // of some load balancer
	Authority *identity.Authority
	Host      Host
	Limits    Limits
	Logger    *slog.Logger
}

// Limits bound what users may do, and say how long is waited. The zero value of each field is its default.
type Limits struct {
	FileBytes   int64         // of a public file, and of all together that one user shares at once; 4 GiB
	OpenOffers  int           // offers of one user that are under way; 10
	Streams     int           // files that one client gets at once; 8
	Relays      int           // private files that are relayed to one other server at once; 32
	OfferAge    time.Duration // in which clients that move are asked about a public file too; 10 minutes
	Receive     time.Duration // for a client to take an offer, before it is cut off; 10 s
	Idle        time.Duration // for the next bytes of a file to come, before it is tried elsewhere or again; 15 s
	Every       time.Duration // after which is looked whether public files want copies; 15 s
	CopyAfter   time.Duration // that a public file may have fewer than two live holders before another copies it; 1 minute
	ForgetAfter time.Duration // that bytes are kept that no name stands for, or that are not all; 1 hour
}

func (l Limits) withDefaults() Limits {
	l.FileBytes = cmp.Or(l.FileBytes, 4<<30)
	l.OpenOffers = cmp.Or(l.OpenOffers, 10)
	l.Streams = cmp.Or(l.Streams, 8)
	l.Relays = cmp.Or(l.Relays, 32)
	l.OfferAge = cmp.Or(l.OfferAge, 10*time.Minute)
	l.Receive = cmp.Or(l.Receive, 10*time.Second)
	l.Idle = cmp.Or(l.Idle, 15*time.Second)
	l.Every = cmp.Or(l.Every, 15*time.Second)
	l.CopyAfter = cmp.Or(l.CopyAfter, time.Minute)
	l.ForgetAfter = cmp.Or(l.ForgetAfter, time.Hour)
	return l
}

// A Host is the server that Files are part of. Its methods may be called at once.
type Host interface {
	// Client returns the client on whose connection a call came, or a *api.NotConnected.
	Client(ctx context.Context) (*Client, error)
	// ClientsOf returns the clients of a user that are connected, the one that came last first.
	ClientsOf(user string) []*Client
	// Peers returns the other servers that answer, and Peer one that is known, or nil.
	Peers() []*Peer
	Peer(name string) *Peer
	// Where returns where a user is, or a *justchat.NotHere.
	Where(ctx context.Context, user string) (justchat.ClientItem, error)
	// MutedUntil returns until when a user may not speak to all.
	MutedUntil(user string) time.Time
	// Allow returns how long a user has to wait before she may do more.
	Allow(user string) time.Duration
	// Wake has [Client.Bring] called for each client that is connected, soon.
	Wake()
}

// A Peer is another server.
type Peer struct {
	Name string
	// Calls are best over a connection of their own, on which no message waits behind a file.
	Calls api.NodeService
}

// A key is what makes an offer unique.
type key struct {
	client string
	number uint64
}

func keyOf(o *justchat.Offer) key { return key{string(o.Client), o.Number} }

// Files are the files of one server. Its methods may be called at once.
type Files struct {
	Config
	stats counters

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup // handlers, and the goroutines that outlive them; Close waits

	offers offers
	relays relays

	mu       sync.Mutex
	closed   bool
	open     map[string]underWay        // offers, by user
	fetching map[transfer.Sum]*fetching // blobs that are being received
	busy     map[transfer.Sum]int       // how many are at it to have a name bound to these bytes
	wanted   map[transfer.Sum]time.Time // until when they are kept all the same
	dropped  map[transfer.Sum]struct{}  // blobs that a load balancer wants removed
}

// New returns the files of a server. Run sees to them, and Close must be called in the end.
func New(config Config) *Files {
	config.Limits = config.Limits.withDefaults()
	config.Logger = cmp.Or(config.Logger, slog.Default())
	f := &Files{
		Config:   config,
		open:     make(map[string]underWay),
		fetching: make(map[transfer.Sum]*fetching),
		busy:     make(map[transfer.Sum]int),
		wanted:   make(map[transfer.Sum]time.Time),
		dropped:  make(map[transfer.Sum]struct{}),
	}
	f.relays.to = make(map[key]*relay)
	f.relays.open = make(map[string]int)
	f.ctx, f.stop = context.WithCancel(context.Background())
	return f
}

// Close ends what is under way, and returns once nothing touches the store any more. The connections of those who are served
// have to be closed before: a handler may stand in a write to one.
func (f *Files) Close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.stop()
	f.work.Wait()
}

// enter begins the work of a handler: its context then ends with Close, which waits for leave.
func (f *Files) enter(ctx context.Context) (_ context.Context, leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, runtime.Errorf(runtime.CodeUnavailable, "server %s is stopping", f.Name)
	}
	f.work.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(f.ctx, cancel)
	return ctx, func() {
		unhook()
		cancel()
		f.work.Done()
	}, nil
}

// underWay is what a user offers at once, and how many bytes of it are to be kept.
type underWay struct {
	offers int
	bytes  int64
}

// begin counts an offer of a user as under way. TooFast says that there are too many, or that room for all their bytes would
// leave too little for others: so little by little as they may come, room is set aside for them at once.
func (f *Files) begin(user string, size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	open := f.open[user]
	switch {
	case open.offers >= f.Limits.OpenOffers:
		return &justchat.TooFast{What: "files at once", Wait: tooManyWait}
	case open.offers > 0 && size > f.Limits.FileBytes-open.bytes:
		return &justchat.TooFast{What: "bytes of files at once", Wait: tooManyWait}
	}
	f.open[user] = underWay{open.offers + 1, open.bytes + size}
	return nil
}

// end is the end of what begin began.
func (f *Files) end(user string, size int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	open := f.open[user]
	f.open[user] = underWay{open.offers - 1, open.bytes - size}
	if open.offers == 1 {
		delete(f.open, user)
	}
}

// tooManyWait is when whoever has too many files under way is asked to try again.
const tooManyWait = 10 * time.Second

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// A Client is a client that is connected. Its methods but Bring may be called at once.
type Client struct {
	User  string
	ID    []byte // the 16 bytes of its process
	Calls clientapi.ClientMessageService
	End   func(error) // cuts the client off, for a reason

	bringing sync.WaitGroup
	position atomic.Uint64 // in the offers; who brings moves it

	mu      sync.Mutex
	brought bool // a goroutine brings offers
	streams int  // files that it gets
}
