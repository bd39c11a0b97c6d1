package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/fileserver"
	"github.com/parley-rpc/parley/examples/justchat/heartbeat"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// A Config is what a server is made of. All but Address, Files, Limits, Logger and ShiViz is needed.
type Config struct {
	Listener      net.Listener   // for calls; the server closes it
	UDP           net.PacketConn // for heartbeats, on the same port; the server closes it
	Address       string         // host:port by which others reach both; the default is the Listener's
	LoadBalancers string         // host:port of each, separated by commas
	Cluster       *identity.Cluster
	Log           *messagelog.Log  // stays the caller's to close, after the server
	Files         *blobstore.Store // stays the caller's to close, after the server; nil keeps no public files
	Limits        Limits
	Logger        *slog.Logger
	ShiViz        *shiviz.Log // nil for none
}

// Limits bound what clients may do, and say how long the server waits for others. The zero
// value of each field is its default.
type Limits struct {
	MessageBytes int           // of a message's text; 16 KiB
	Rate         float64       // messages a second of a user, to all and private ones together; 20
	Burst        int           // messages at once; 50
	Behind       int           // records that a client may be behind before it is cut off; 1,000
	Alone        time.Duration // that a message waits for a second disk; 300 ms
	Receive      time.Duration // for a client to take messages, before it is cut off; 10 s
	Leeway       time.Duration // that a token may be over; 2 minutes
	CatchUp      time.Duration // at start, before clients are taken without what the others have; 5 s
	GiveUp       time.Duration // for another server to come and bring what is missing in the log; 1 minute
	Drain        time.Duration // for clients to be moved when the server stops; 2 s

	FileBytes   int64         // of a public file; 4 GiB
	OpenOffers  int           // offers of one user, of public files that are being shared and of private ones that are relayed; 10
	OfferAge    time.Duration // in which clients that move are asked about a public file too; 10 minutes
	FilesEvery  time.Duration // after which the server looks whether public files want copies; 15 s
	CopyAfter   time.Duration // that a public file may have fewer than two live holders before another copies it; 1 minute
	ForgetAfter time.Duration // that bytes are kept that no name stands for; 1 hour

	HeartbeatInterval time.Duration // heartbeat.Interval
	HeartbeatMisses   int           // heartbeat.Misses
}

func (l Limits) withDefaults() Limits {
	l.MessageBytes = cmp.Or(l.MessageBytes, 16<<10)
	l.Rate = cmp.Or(l.Rate, 20)
	l.Burst = cmp.Or(l.Burst, 50)
	l.Behind = min(cmp.Or(l.Behind, 1000), tailSize)
	l.Alone = cmp.Or(l.Alone, 300*time.Millisecond)
	l.Receive = cmp.Or(l.Receive, 10*time.Second)
	l.Leeway = cmp.Or(l.Leeway, 2*time.Minute)
	l.CatchUp = cmp.Or(l.CatchUp, 5*time.Second)
	l.GiveUp = cmp.Or(l.GiveUp, time.Minute)
	l.Drain = cmp.Or(l.Drain, 2*time.Second)
	l.FileBytes = cmp.Or(l.FileBytes, 4<<30)
	l.OpenOffers = cmp.Or(l.OpenOffers, 10)
	l.OfferAge = cmp.Or(l.OfferAge, 10*time.Minute)
	l.FilesEvery = cmp.Or(l.FilesEvery, 15*time.Second)
	l.CopyAfter = cmp.Or(l.CopyAfter, time.Minute)
	l.ForgetAfter = cmp.Or(l.ForgetAfter, time.Hour)
	return l
}

// tickTime is how often the server looks for what is due: records that have waited long enough.
const tickTime = 20 * time.Millisecond

// A Server is one node. Its methods may be called at once.
type Server struct {
	Config
	self      justchat.ServerNode
	authority *identity.Authority
	room      *room
	monitor   *heartbeat.Monitor
	rpc       *runtime.Server
	balancer  *runtime.Client
	balance   *lbapi.NodeServiceClient
	dialTLS   runtime.Option
	files     *fileserver.Files
	stats     counters

	ctx      context.Context // ends with Close
	stop     context.CancelFunc
	work     sync.WaitGroup // the goroutines below; Close waits
	commits  chan struct{}  // of capacity 1: there are records for the disk
	readers  chan struct{}  // taken by those who read the log for clients
	caughtUp atomic.Bool
	draining atomic.Bool
	closing  sync.Once

	mu       sync.Mutex
	links    map[string]*link      // by server
	sessions map[string]*session   // by the client's key
	users    map[string]userState  // what is decided about users, by name
	limiters map[string]*userLimit // by user
}

// New makes a server and starts to listen for heartbeats. Serve makes it serve.
func New(config Config) (*Server, error) {
	config.Limits = config.Limits.withDefaults()
	config.Logger = cmp.Or(config.Logger, slog.Default())
	config.Address = cmp.Or(config.Address, config.Listener.Addr().String())
	s := &Server{
		Config:    config,
		self:      justchat.ServerNode{Name: config.Log.Name(), Address: config.Address, Start: config.Log.Start()},
		authority: config.Cluster.Authority(),
		room:      newRoom(config.Log.Origin(), config.Log.Seen(), config.Log.Once(), config.Log.Lamport(), config.Limits.Alone),
		commits:   make(chan struct{}, 1),
		readers:   make(chan struct{}, maxReaders),
		links:     make(map[string]*link),
		sessions:  make(map[string]*session),
		users:     make(map[string]userState),
		limiters:  make(map[string]*userLimit),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if err := s.seed(); err != nil {
		return nil, err
	}
	tls, err := config.Cluster.NodeTLS(identity.Server, s.self.Name)
	if err != nil {
		return nil, err
	}
	s.dialTLS = runtime.WithTLS(tls)
	s.rpc = runtime.NewServer(s.dialTLS, runtime.WithLogger(config.Logger), s.interceptors(admit),
		runtime.WithMaxConnections(maxConnections), runtime.WithMaxCalls(maxCalls),
		runtime.WithMaxMessage(maxMessage), runtime.WithMaxAssembly(maxMessage), runtime.WithStreamWindow(maxWindow))
	api.RegisterNodeService(s.rpc, &nodeService{s})
	api.RegisterMessageService(s.rpc, &messageService{s})
	s.balancer = runtime.Dial(config.LoadBalancers, s.dialTLS, runtime.WithLogger(config.Logger), s.interceptors(), runtime.WithKeepalive(nodeKeepalive))
	s.balance = lbapi.NewNodeServiceClient(s.balancer)
	s.files = s.newFiles()
	s.monitor = heartbeat.New(config.UDP, heartbeat.Config{
		Key:      config.Cluster.HeartbeatKey(),
		State:    s.state,
		Verdict:  s.verdict,
		Interval: config.Limits.HeartbeatInterval,
		Misses:   config.Limits.HeartbeatMisses,
		Logger:   config.Logger,
	})
	return s, nil
}

// What one stranger may have the server hold: calls, each with a message and a window of its stream. A client's file comes with
// one window in each round trip, so at 8 MiB a second over 30 ms; more would be held for whoever sends and is
// not read, and next to a message it is little.
const (
	maxConnections = 20_000
	maxCalls       = 64
	maxMessage     = 1 << 20
	maxWindow      = 256 << 10

	nodeKeepalive = 2 * time.Second // between nodes
)

// interceptors are these and what logs for ShiViz.
func (s *Server) interceptors(first ...runtime.Interceptor) runtime.Option {
	return runtime.WithInterceptors(append(first, s.ShiViz.Interceptor())...)
}

// seed tells the room of the records that the log has after a gap: they are to be shown once that is filled.
func (s *Server) seed() error {
	var waiting []*justchat.Record
	for record, err := range s.Log.Waiting() {
		if err != nil {
			return err
		}
		waiting = append(waiting, record)
	}
	s.room.wait(waiting, time.Now())
	return nil
}

// Name returns the server's name, which it keeps over its starts.
func (s *Server) Name() string { return s.self.Name }

// Serve serves until ctx ends, when it drains, or Close, which is a nil error, or until the listener
// fails. It is called once.
func (s *Server) Serve(ctx context.Context) error {
	s.work.Go(s.commit)
	s.work.Go(s.announce)
	s.work.Go(s.tick)
	s.work.Go(func() { s.files.Run(s.ctx) })
	served := make(chan error, 1)
	s.work.Go(func() { served <- s.rpc.Serve(s.Listener) })
	select {
	case err := <-served:
		if s.ctx.Err() != nil {
			return nil
		}
		return errors.Join(err, s.Close())
	case <-ctx.Done():
		return s.Drain(context.WithoutCancel(ctx))
	}
}

// Drain asks the load balancers, by its heartbeats, to move the clients elsewhere, waits until they
// have gone, or for Limits.Drain, and until another server has what this one took; then it closes.
func (s *Server) Drain(ctx context.Context) error {
	s.draining.Store(true)
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Drain)
	defer cancel()
	ticker := time.NewTicker(tickTime)
	defer ticker.Stop()
	for ctx.Err() == nil && (s.clients() > 0 || !s.room.replicated()) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	return s.Close()
}

// Close ends the server at once. What was acknowledged is on its disk.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		s.draining.Store(true)
		s.stop()
		err = errors.Join(s.rpc.Close(), s.balancer.Close(), s.monitor.Close())
		s.mu.Lock()
		links := s.links
		s.links = make(map[string]*link)
		s.mu.Unlock()
		for _, l := range links {
			l.close()
		}
		s.files.Close()
		s.work.Wait()
	})
	return err
}

// state is what the server says of itself with each heartbeat.
func (s *Server) state() heartbeat.State {
	return heartbeat.State{Clients: uint32(s.clients()), Draining: s.draining.Load() || !s.caughtUp.Load()}
}

func (s *Server) clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// verdict is told by the heartbeats that another server answers, or does not.
func (s *Server) verdict(name string, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links[name] == nil {
		return // it was just forgotten
	}
	s.Logger.Info("server", "name", name, "alive", alive)
	s.room.peerAlive(name, alive, time.Now())
}

// commit brings our records to the disk, all that wait at once, and has the links send them.
func (s *Server) commit() {
	for {
		select {
		case <-s.commits:
		case <-s.ctx.Done():
			return
		}
		records := s.room.takePending()
		if len(records) == 0 {
			continue
		}
		err := s.Log.Append(s.ctx, records...)
		if s.ctx.Err() != nil {
			return // who waits is told by the end of the connection
		}
		if err != nil {
			s.drainFull(err)
			return
		}
		s.room.landed(records, time.Now())
		s.stats.records.Add(uint64(len(records)))
		s.push()
	}
}

// drainFull takes no more messages and has the clients sent elsewhere, since the log takes nothing more.
func (s *Server) drainFull(err error) error {
	err = fullError(s.self.Name, err)
	if s.ctx.Err() == nil && !s.draining.Swap(true) {
		s.Logger.Error("the log takes nothing more; clients are sent elsewhere", "reason", err)
	}
	s.room.fail(err)
	return err
}

// tick does what is due with time.
func (s *Server) tick() {
	ticker := time.NewTicker(tickTime)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			s.room.tick(now)
			s.catchUp(now)
		case <-s.ctx.Done():
			return
		}
	}
}

// keep appends records of other servers to the log and shows them. It goes on when the one who brings them is gone: what is
// in the log and is not shown would never be, since nobody would bring it again.
func (s *Server) keep(records []*justchat.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := s.Log.Append(s.ctx, records...); err != nil {
		if s.ctx.Err() != nil {
			return &api.Draining{Server: s.self.Name}
		}
		return s.drainFull(err) // or the clients here would not see what others say
	}
	s.room.add(records, time.Now())
	return nil
}

// seen is what the log has.
func (s *Server) seen() causal.Vector { return s.Log.Seen() }
