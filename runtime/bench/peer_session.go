package main

import (
	"context"
	"iter"
	"net"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/bench/sample"
)

// sessionPeer is Parley's session form, as a user has it: the generated client over a
// [runtime.Client], the generated stubs under a [runtime.Server], all settings as they come.
type sessionPeer struct{ handling handling }

// handling says which goroutine runs the handlers of Echo. The runtime lets a method run where
// requests are read once it has proven quick; nothing in the API keeps one away from there but what the
// handler does.
type handling int

const (
	// handleInline is a handler that does nothing but answer. It proves quick.
	handleInline handling = iota

	// handleAsking asks for the caller in each call, as one does that is about to call back. The
	// runtime takes this for waiting and never runs it where requests are read. The asking itself
	// costs little: two locks and an allocation.
	handleAsking

	// handleSlow computes for [slowRun], which is too long to prove quick. It allocates nothing that an
	// inline one does not, so what is counted is the hand-over; no use where time is measured.
	handleSlow
)

// slowRun exceeds the 50 µs that the runtime takes for quick.
const slowRun = 75 * time.Microsecond

func (p sessionPeer) name() string {
	return [...]string{"parley", "parley+workers", "parley slow"}[p.handling]
}

func (p sessionPeer) serve(listener net.Listener) (stop func()) {
	return serveParley(listener, [...]sample.Echo{echoService{}, askingEcho{}, slowEcho{}}[p.handling])
}

// serveParley serves both forms.
func serveParley(listener net.Listener, echo sample.Echo) (stop func()) {
	server := runtime.NewServer()
	sample.RegisterEcho(server, echo)
	sample.RegisterFeed(server, feedService{})
	sample.RegisterPauser(server, pauseService{})
	done := make(chan struct{})
	go func() { // until stop, which waits for it
		server.Serve(listener)
		close(done)
	}()
	return func() {
		server.Close()
		<-done
	}
}

type echoService struct{}

func (echoService) Echo(_ context.Context, payload []byte, keep uint32) (kept []byte, err error) {
	return payload[:keep], nil
}

type askingEcho struct{ echoService }

func (e askingEcho) Echo(ctx context.Context, payload []byte, keep uint32) (kept []byte, err error) {
	runtime.CallerFrom(ctx)
	return e.echoService.Echo(ctx, payload, keep)
}

type slowEcho struct{ echoService }

func (e slowEcho) Echo(ctx context.Context, payload []byte, keep uint32) (kept []byte, err error) {
	for began := time.Now(); time.Since(began) < slowRun; {
	}
	return e.echoService.Echo(ctx, payload, keep)
}

type feedService struct{}

func (feedService) Watch(_ context.Context, items, size uint32) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		chunk := make([]byte, size)
		for range items {
			if !yield(chunk, nil) {
				return
			}
		}
	}
}

// Lend is not told from Watch by who sends.
func (s feedService) Lend(ctx context.Context, items, size uint32) iter.Seq2[[]byte, error] {
	return s.Watch(ctx, items, size)
}

type pauseService struct{}

// Pause does not look at its context: the runtime cannot know that it waits.
func (pauseService) Pause(_ context.Context, long time.Duration) error {
	if long > 0 {
		time.Sleep(long)
	}
	return nil
}

// dial connects with the first call.
func (sessionPeer) dial(address string) (connection, error) {
	client := runtime.Dial(address)
	return sessionConn{client, sample.NewEchoClient(client), sample.NewFeedClient(client), sample.NewPauserClient(client)}, nil
}

type sessionConn struct {
	*runtime.Client
	echo   sample.Echo
	feed   sample.Feed
	pauser sample.Pauser
}

func (c sessionConn) call(payload []byte, keep uint32) ([]byte, error) {
	return c.echo.Echo(context.Background(), payload, keep)
}

func (c sessionConn) watch(items, size uint32) (received int64, err error) {
	return count(c.feed.Watch(context.Background(), items, size))
}

func (c sessionConn) lend(items, size uint32) (received int64, err error) {
	return count(c.feed.Lend(context.Background(), items, size))
}

// count ranges over chunks and returns how many bytes came.
func count(chunks iter.Seq2[[]byte, error]) (received int64, err error) {
	for chunk, err := range chunks {
		if err != nil {
			return received, err
		}
		received += int64(len(chunk))
	}
	return received, nil
}

// pause calls a handler that blocks for so long.
func (c sessionConn) pause(long time.Duration) error {
	return c.pauser.Pause(context.Background(), long)
}
