package fileserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/generated/justchat/server/servertest"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// A world is the files of servers, which call each other without a network, and the list of files.
type world struct {
	t       *testing.T
	cluster *identity.Cluster
	limits  Limits
	list    list

	mu    sync.Mutex
	sites map[string]*site
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cluster, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, cluster: cluster, sites: make(map[string]*site)}
	w.list.files = make(map[string]justchat.File)
	return w
}

// A site is the files of one server, and its Host.
type site struct {
	*Files
	w     *world
	dir   string
	stop  func()
	muted time.Time
	wait  time.Duration // what Allow says

	mu      sync.Mutex
	dead    bool
	clients []*person     // the last one came last
	cut     int64         // bytes after which each stream to another server breaks; 0 is never
	hang    chan struct{} // until it is closed offers from other servers are not answered, if it is there
}

// start starts a server on a folder.
func (w *world) start(name, dir string) *site {
	w.t.Helper()
	return w.startQuota(name, dir, 0)
}

// startQuota is start with so much room; below zero the server keeps no files.
func (w *world) startQuota(name, dir string, quota int64) *site {
	w.t.Helper()
	logger := slog.New(slog.NewTextHandler(w.t.Output(), nil))
	var store *blobstore.Store
	if quota >= 0 {
		var err error
		if store, err = blobstore.Open(dir, blobstore.Options{Quota: quota, Logger: logger}); err != nil {
			w.t.Fatal(err)
		}
	}
	s := &site{w: w, dir: dir}
	s.Files = New(Config{Name: name, Store: store, Balance: &w.list, Authority: w.cluster.Authority(), Host: s, Limits: w.limits, Logger: logger})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	s.stop = sync.OnceFunc(func() {
		s.mu.Lock()
		s.dead = true
		s.mu.Unlock()
		cancel()
		s.Close()
		running.Wait()
		if store != nil {
			store.Close()
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sites[name] = s
	w.t.Cleanup(s.stop)
	return s
}

// isDead reports whether others can reach the server.
func (s *site) isDead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

type callerKey struct{}

func (s *site) Client(ctx context.Context) (*Client, error) {
	if p, ok := ctx.Value(callerKey{}).(*person); ok {
		return &p.Client, nil
	}
	return nil, &api.NotConnected{}
}

func (s *site) ClientsOf(user string) (all []*Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range slices.Backward(s.clients) {
		if p.User == user {
			all = append(all, &p.Client)
		}
	}
	return all
}

func (s *site) Peers() (all []*Peer) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	for name, other := range s.w.sites {
		if name != s.Name && !other.isDead() {
			all = append(all, s.peer(other))
		}
	}
	return all
}

func (s *site) Peer(name string) *Peer {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if other := s.w.sites[name]; other != nil && other != s {
		return s.peer(other)
	}
	return nil
}

func (s *site) Where(_ context.Context, user string) (justchat.ClientItem, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	for name, other := range s.w.sites {
		if len(other.ClientsOf(user)) > 0 {
			return justchat.ClientItem{User: user, Server: name}, nil
		}
	}
	return justchat.ClientItem{}, &justchat.NotHere{User: user}
}

func (s *site) MutedUntil(string) time.Time { return s.muted }

func (s *site) Allow(string) time.Duration { return s.wait }

func (s *site) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.clients {
		p.wake()
	}
}

var errLine = runtime.NewError(runtime.CodeUnavailable, "the line broke")

// peer is how s reaches another server.
func (s *site) peer(other *site) *Peer {
	alive := func() error {
		if other.isDead() || s.isDead() {
			return errLine
		}
		return nil
	}
	return &Peer{Name: other.Name, Calls: &servertest.FakeNodeService{
		SendPublicFileFunc: func(ctx context.Context, offer justchat.Offer) error {
			if err := alive(); err != nil {
				return err
			}
			if err := other.hangs(ctx); err != nil {
				return err
			}
			return other.Announced(offer)
		},
		StoreFileFunc: func(ctx context.Context, file justchat.File) iter.Seq2[justchat.Transfer, error] {
			return over(alive, nil, other.StoreFile(ctx, s.Name, file))
		},
		GetFileFunc: func(ctx context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error] {
			return over(alive, s.cutter(), other.Held(ctx, sum, offset))
		},
		RelayFileFunc: func(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			return over(alive, nil, other.Relayed(ctx, s.Name, offer))
		},
		GetPrivateFileFunc: func(ctx context.Context, client []byte, number, offset uint64) iter.Seq2[[]byte, error] {
			return over(alive, s.cutter(), other.Forwarded(ctx, s.Name, client, number, offset))
		},
	}}
}

// hangs waits while the server does not answer.
func (s *site) hangs(ctx context.Context) error {
	s.mu.Lock()
	hang := s.hang
	s.mu.Unlock()
	if hang == nil {
		return nil
	}
	select {
	case <-hang:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cutter returns what breaks a stream after so many bytes.
func (s *site) cutter() func([]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.cut
	return func(piece []byte) bool {
		left -= int64(len(piece))
		return s.cut > 0 && left < 0
	}
}

// over is a stream over a line that breaks if alive or cut say so.
func over[T any](alive func() error, cut func(T) bool, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if err := alive(); err != nil {
			yield(zero, err)
			return
		}
		for item, err := range items {
			if broken := alive(); broken != nil || err == nil && cut != nil && cut(item) {
				yield(zero, errLine)
				return
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// drain returns the last item of a stream, and its error.
func drain[T any](items iter.Seq2[T, error]) (last T, err error) {
	for item, err := range items {
		if err != nil {
			return last, err
		}
		last = item
	}
	return last, nil
}

// collect returns the bytes of a stream, and its error.
func collect(pieces iter.Seq2[[]byte, error]) (all []byte, err error) {
	for piece, err := range pieces {
		if err != nil {
			return all, err
		}
		all = append(all, piece...)
	}
	return all, nil
}

// random returns bytes that are like no others.
func random(size int) []byte {
	data := make([]byte, size)
	r := rand.New(rand.NewPCG(rand.Uint64(), 1))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

// wantHeld wants a server to hold bytes, or not to, and nothing half of them.
func (s *site) wantHeld(data []byte, want bool) {
	s.w.t.Helper()
	sum := sha256.Sum256(data)
	if blob, held := s.Store.Has(sum); held != want || held && blob.Size != int64(len(data)) {
		s.w.t.Errorf("%s: got it held: %t with %d bytes, want %t", s.Name, held, blob.Size, want)
	}
	s.Files.mu.Lock()
	_, receiving := s.fetching[sum]
	s.Files.mu.Unlock()
	if receiving {
		s.w.t.Errorf("%s: it is still being received", s.Name)
	}
}

// wantLeft wants so many bytes in all the files of a server's folder, but for the one that says whose it is.
func (s *site) wantLeft(want int64) {
	s.w.t.Helper()
	var size int64
	filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "lock" {
			info, _ := d.Info()
			size += info.Size()
		}
		return err
	})
	if size != want {
		s.w.t.Errorf("%s: got %d bytes on the disk, want %d", s.Name, size, want)
	}
}

// wantHolders wants a name to stand for a file that these servers hold.
func (w *world) wantHolders(name string, holders ...string) {
	w.t.Helper()
	got := slices.Sorted(slices.Values(w.list.get(name).Holders))
	if !slices.Equal(got, holders) {
		w.t.Errorf("%s: got the holders %q, want %q", name, got, holders)
	}
}

// wantAs wants an error of that type that says so.
func wantAs[E error](t *testing.T, what string, err error, text string) {
	t.Helper()
	var as E
	if !errors.As(err, &as) || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got %v, want a %T with %q", what, err, as, text)
	}
}

// later lets time pass, until everybody has done what was due.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// inBubble runs a test of a world whose clock stands while anybody has something to do.
func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}
