package transport

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// Defaults of a [SessionConfig].
const (
	DefaultMaxMessage   = 4 << 20          // bytes of the largest message that is accepted
	DefaultMaxAssembly  = 8 << 20          // bytes of all messages in assembly on a connection
	DefaultWindow       = 256 << 10        // bytes of a stream on their way or not yet received
	DefaultMaxCalls     = 1024             // calls that the peer may have open at once
	DefaultKeepalive    = 30 * time.Second // of silence, before a PING
	DefaultHelloTimeout = 10 * time.Second // for the peer's first bytes
)

// A SessionConfig is how a session behaves. The zero value is ready; it is not changed
// once a session has it, and any number of sessions may share it.
type SessionConfig struct {
	// Handler answers one call of the peer, and its return sends the answer. It runs for many
	// at once, on Workers; or, for methods that have always returned within some 50 µs, on the
	// goroutine that reads the connection. There it may block all the same: what comes is read
	// elsewhere after at most some 20 ms, or at once if it says MayWait.
	// If it panics, the panic is logged and the answer is an error. Nil answers every call with
	// code 12, unimplemented.
	Handler func(in *Incoming)

	// Workers are the goroutines that handlers run on. Nil gives the session its own.
	Workers *Workers

	// MaxMessage, in bytes, is the largest message that is accepted; what is sent is
	// bounded by the peer's. Zero is DefaultMaxMessage, the least is 1 MiB.
	MaxMessage int

	// MaxAssembly, in bytes, bounds the messages together of which some frames have come
	// and some have not. Zero is DefaultMaxAssembly; the least is MaxMessage.
	MaxAssembly int

	// Window, in bytes, bounds what has come of one stream and was not received. Zero is
	// DefaultWindow, the least is 64 KiB.
	Window int

	// MaxCalls bounds the calls of the peer that are not answered yet. Zero is
	// DefaultMaxCalls, the least is 64.
	MaxCalls int

	// Keepalive is how long the peer may be silent before it is sent a PING; after as
	// long again without a byte the connection is taken for broken, and so is one on which a
	// write stands still for twice as long. Zero is DefaultKeepalive, below zero is never.
	Keepalive time.Duration

	// HelloTimeout bounds the wait for the peer's HELLO. Zero is DefaultHelloTimeout.
	HelloTimeout time.Duration

	// Drained is called once the peer takes no new calls, see Session.Draining, and Ended once
	// the session is broken and its goroutines have ended. Each is called once for each
	// session, on a goroutine of its own. Close and Shutdown wait for them to return, so they
	// must not block and do not call these. Nil is nothing to call.
	Drained, Ended func(*Session)

	// Logger gets a line when the peer breaks a rule, which it names, and for each handler
	// that panics. Nil is slog.Default().
	Logger *slog.Logger
}

func (c *SessionConfig) limits() frame.Limits {
	l := frame.Limits{
		Message:   min(max(cmp.Or(c.MaxMessage, DefaultMaxMessage), frame.LeastMessage), frame.MostSetting),
		Window:    min(max(cmp.Or(c.Window, DefaultWindow), frame.LeastWindow), frame.MostSetting),
		Calls:     min(max(cmp.Or(c.MaxCalls, DefaultMaxCalls), frame.LeastCalls), frame.MostSetting),
		Keepalive: max(cmp.Or(c.Keepalive, DefaultKeepalive), 0),
	}
	l.Assembly = min(max(cmp.Or(c.MaxAssembly, DefaultMaxAssembly), l.Message), frame.MostSetting)
	return l
}

// A Session is one connection on which both sides make calls, any number at once, with
// streams of items. It carries bytes: what they mean, package runtime knows. Its
// methods may be called by any number of goroutines at once.
//
// A session begins with [Dialled] or [Accepted] and lasts until [Session.Close], or
// until the connection breaks; then every call that is not answered fails with a
// [*LineError], and Done is closed. It is not connected again.
//
//	open ── GoAway, or the peer's ──► draining ── Shutdown, none is open ──► finished
//	  │                                  │                                      │
//	  └──────────────────────────────────┴──────────────────────────────────────┴──► broken
//	                  Close, the connection breaks, Shutdown has lingered
//
// While draining, calls that were open go on; which side may not open others depends on who
// said so. Once finished, nothing more is sent, and what comes is read so that the peer can
// end its side too.
type Session struct {
	conn    net.Conn
	handler func(*Incoming)
	workers *Workers
	private bool // workers are the session's own
	logger  *slog.Logger
	dialled bool
	own     frame.Limits
	drained func(*Session)
	ended   func(*Session)

	// goroutines are those of the reader, and of writing and calling on its behalf. The goroutine
	// of the end waits for them, and Close for that.
	goroutines sync.WaitGroup
	ending     sync.WaitGroup

	made sync.Pool // of calls of ours, for reuse

	mu    sync.Mutex
	quiet sync.Cond // on mu: writing became false

	// Both directions.
	cause    error // why it is broken, or nil
	done     event // it is broken
	gone     event // the peer has sent GOAWAY, or it is finished or broken
	farewell bool  // it broke over a rule, and the GOAWAY is to be written
	prefaced bool  // the preface has come, or is ours to send
	greeted  bool  // the peer's HELLO has come
	peer     frame.Limits
	free     *call // for reuse, linked by next
	freed    int

	// Calls that we make.
	callers  int // who waits in Call, and who is back
	back     int // whose waiting has ended since the last batch of frames came, in it or later: they may be about to call again
	outgoing table
	lastOut  int64   // the last number that we used, or the one before the first
	slots    quota   // calls
	departed error   // why no new one can be made, or nil
	early    []*call // those that wait for HELLO

	// Calls that the peer makes.
	incoming   table
	lastIn     uint32
	leaving    bool   // we sent GOAWAY
	leaveLast  uint32 // with this as the last call
	finished   bool   // nothing more will be sent, see close.go
	assembling int    // bytes of messages in assembly, as their first frames say
	idle       chan struct{}

	// Writing, see write.go.
	out     []byte // whole frames, to be written
	spares  [][]byte
	writing bool
	writes  uint64 // how many have begun
	room    quota  // bytes in out
	sending quota  // bytes of messages of ours that the peer has in assembly
	taken   uint64 // bytes that went from out to the connection
	after   []afterWrite
	told    []afterWrite // storage of the writer's

	// Reading, see lead.go. The reader itself is its owner's, without the lock.
	role     role
	leader   *call         // who has the role, if a caller does
	poked    bool          // who reads was interrupted
	renew    bool          // the session's goroutine is to go on as another, see trim
	answered bool          // the batch of frames had a REPLY
	arrived  time.Time     // when it came, once somebody has asked, see arrival
	hear     chan struct{} // the session's goroutine is to read, or to end; capacity 1
	reader   reader
	errand   errand

	// What a batch of frames leaves to do without the lock, see read.go.
	starting []*call
	waking   []*call
	endings  []ending

	clock clock
}

// Dialled begins a session on a connection that this side made. It returns at once; the
// peer's HELLO is not waited for, calls can be made. The session owns conn.
func Dialled(conn net.Conn, config *SessionConfig) *Session {
	s := newSession(conn, config)
	s.dialled, s.prefaced = true, true
	s.lastOut = -1 // so that the first is 1
	s.begin(frame.AppendHello([]byte(frame.Preface), s.own), nil)
	return s
}

// Accepted begins a session on a connection that the peer made. head is what was
// read from it already, at most 64 KiB, to see which form the peer speaks; the preface is in
// head or comes after it. The session owns conn.
func Accepted(conn net.Conn, head []byte, config *SessionConfig) *Session {
	s := newSession(conn, config)
	s.begin(frame.AppendHello(nil, s.own), head)
	return s
}

func newSession(conn net.Conn, config *SessionConfig) *Session {
	if config == nil {
		config = new(SessionConfig)
	}
	s := &Session{
		conn:    conn,
		handler: config.Handler,
		workers: config.Workers,
		logger:  cmp.Or(config.Logger, slog.Default()),
		drained: config.Drained,
		ended:   config.Ended,
		own:     config.limits(),
		peer:    frame.Floors,
		hear:    make(chan struct{}, 1),
	}
	if s.handler == nil {
		s.handler = unimplemented
	}
	if s.workers == nil {
		s.workers, s.private = NewWorkers(), true
	}
	s.quiet.L = &s.mu
	s.room.limit = maxOut
	s.slots.limit, s.sending.limit = s.peer.Calls, s.peer.Assembly
	s.ending.Add(1)
	s.clock.begin(s, cmp.Or(config.HelloTimeout, DefaultHelloTimeout))
	return s
}

func unimplemented(in *Incoming) {
	in.Error = &CallError{Code: codeUnimplemented, Message: "no calls are answered on this connection"}
}

// begin sends hello and starts reading, with head before what comes.
func (s *Session) begin(hello, head []byte) {
	s.mu.Lock()
	s.goroutines.Add(1)
	s.control(hello)
	s.writeAside()
	s.mu.Unlock()
	go s.read(head) // Close waits
}

// Done is closed when the session is broken: by Close, by the peer, by the network.
func (s *Session) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done.channel()
}

// Draining is closed when the peer takes no new calls: it has said so, or the session is
// finished or broken. A new connection can then be made while the open calls finish on this one.
func (s *Session) Draining() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone.channel()
}

// IsDraining reports whether Draining is closed.
func (s *Session) IsDraining() bool { return s.gone.over.Load() }

// An event is something that happens once. The session's lock guards it, but for over. It has
// a channel only if somebody asks, since most sessions are never asked.
type event struct {
	over    atomic.Bool
	waiting chan struct{}
}

// channel returns what is closed once the event has happened.
func (e *event) channel() <-chan struct{} {
	if e.waiting == nil {
		e.waiting = make(chan struct{})
		if e.over.Load() {
			close(e.waiting)
		}
	}
	return e.waiting
}

func (e *event) happen() {
	e.over.Store(true)
	if e.waiting != nil {
		close(e.waiting)
	}
}

// Err returns why the session is broken, a *LineError, or nil.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		return nil
	}
	return &LineError{Cause: s.cause}
}

// RemoteAddr returns the address of the peer, and Conn the connection itself, for what is
// known about it; nobody else may read from it or write to it.
func (s *Session) RemoteAddr() net.Addr { return s.conn.RemoteAddr() }

// Conn returns the connection. See RemoteAddr.
func (s *Session) Conn() net.Conn { return s.conn }

// trim gives up storage that a quiet session does not need: what it has for bursts, which
// would be large, also while calls are open, since a stream may be for days; and the rest once none is. What is
// known of methods stays.
func (s *Session) trim() {
	if s.writing || len(s.out) > 0 {
		return
	}
	s.out, s.spares = nil, nil
	s.free, s.freed = nil, 0
	if s.outgoing.n+s.incoming.n+len(s.after) > 0 {
		return
	}
	s.after, s.told = nil, nil
	s.outgoing, s.incoming = table{}, table{}
	if !s.errand.out {
		s.errand.batch = nil
	}
	for _, q := range []*quota{&s.slots, &s.room, &s.sending} {
		if len(q.waiting) == 0 {
			q.waiting = nil
		}
	}
	if s.role == roleBackground && !s.errand.out && s.reader.raw != nil {
		s.renew, s.poked = true, true // a goroutine that waits keeps the stack that it once needed
		s.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// Ping sends a PING if none is under way and waits for the answer to it or to the
// one under way. It returns the context's error, or a *LineError.
func (s *Session) Ping(ctx context.Context) error {
	s.mu.Lock()
	if s.cause != nil {
		defer s.mu.Unlock()
		return &LineError{Cause: s.cause}
	}
	s.listen()
	answered, done := s.clock.ping(), s.done.channel()
	s.flush()
	select {
	case <-answered:
		return nil
	case <-done:
		return s.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
