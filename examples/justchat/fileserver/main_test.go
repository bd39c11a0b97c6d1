package fileserver

import (
	"bytes"
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
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/client/clienttest"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer/loadbalancertest"
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

// A list is a load balancer that binds names.
type list struct {
	loadbalancertest.FakeNodeService

	mu    sync.Mutex
	files map[string]justchat.File
	fault error         // of every call
	slow  time.Duration // for the registry not to answer: then there is no quorum
	binds int
}

func (l *list) NewFile(ctx context.Context, file justchat.File) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slow > 0 {
		if pause(ctx, l.slow); ctx.Err() != nil {
			return ctx.Err()
		}
		return &justchat.NoQuorum{What: "sharing"}
	}
	if l.fault != nil {
		return l.fault
	}
	l.binds++
	there, ok := l.files[file.Name]
	if ok && !bytes.Equal(there.SHA256, file.SHA256) {
		return &justchat.FileExists{Name: file.Name, Owner: there.Owner}
	}
	if ok {
		for _, holder := range file.Holders {
			if !slices.Contains(there.Holders, holder) {
				there.Holders = append(slices.Clone(there.Holders), holder)
			}
		}
		file = there
	}
	l.files[file.Name] = file
	return nil
}

// HoldFile adds holders to what the list has.
func (l *list) HoldFile(ctx context.Context, file justchat.File) error {
	if there := l.get(file.Name); !bytes.Equal(there.SHA256, file.SHA256) {
		return &justchat.NoSuchFile{File: file.Name, Reason: "the name does not stand for these bytes"}
	}
	return l.NewFile(ctx, file)
}

func (l *list) CheckFile(_ context.Context, file justchat.File) (*justchat.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	there, ok := l.files[file.Name]
	switch {
	case l.fault != nil:
		return nil, l.fault
	case !ok:
		return nil, nil
	case !bytes.Equal(there.SHA256, file.SHA256):
		return nil, &justchat.FileExists{Name: file.Name, Owner: there.Owner}
	}
	return &there, nil
}

func (l *list) GetFileList(context.Context) iter.Seq2[justchat.File, error] {
	l.mu.Lock()
	defer l.mu.Unlock()
	files, fault := make([]justchat.File, 0, len(l.files)), l.fault
	for _, file := range l.files {
		files = append(files, file)
	}
	return func(yield func(justchat.File, error) bool) {
		for _, file := range files {
			if !yield(file, nil) {
				return
			}
		}
		if fault != nil {
			yield(justchat.File{}, fault)
		}
	}
}

func (l *list) set(change func(*list)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

func (l *list) get(name string) justchat.File {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.files[name]
}

// A person is a client at a server, with the files that it offers.
type person struct {
	Client
	clienttest.FakeClientMessageService
	w   *world
	key *identity.Key
	at  *site

	mu     sync.Mutex
	files  map[uint64][]byte
	number uint64
	asked  []string // names of the files that it was asked about
	fault  func(number, offset uint64) (cut int, err error)
	ended  error
	wakes  chan struct{}
	gone   func()
}

// come has a new client come to a server.
func (s *site) come(user string) *person {
	s.w.t.Helper()
	key, err := identity.NewKey()
	if err != nil {
		s.w.t.Fatal(err)
	}
	p := &person{w: s.w, key: key, files: make(map[uint64][]byte)}
	p.GetFileFunc = p.getFile
	p.TransferFileFunc = func(_ context.Context, offer justchat.Offer) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, offer.Name)
		return nil
	}
	p.Client = Client{User: user, ID: key.Client, Calls: &p.FakeClientMessageService}
	p.enter(s, false)
	return p
}

// enter has the client come to a server, as a session does.
func (p *person) enter(s *site, moved bool) {
	ctx, cancel := context.WithCancel(context.Background())
	p.Client = Client{User: p.User, ID: p.ID, Calls: p.Calls, End: func(err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended = err
		cancel()
	}}
	p.wakes = make(chan struct{}, 1)
	p.at = s
	s.Join(&p.Client, moved)
	s.mu.Lock()
	s.clients = append(s.clients, p)
	s.mu.Unlock()
	done := make(chan struct{})
	p.wake()
	go func() { // gone waits
		defer close(done)
		for ctx.Err() == nil {
			select {
			case <-p.wakes:
				s.Bring(ctx, &p.Client, p.wake)
			case <-ctx.Done():
			}
		}
		p.Part()
	}()
	p.gone = sync.OnceFunc(func() {
		cancel()
		<-done
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clients = slices.DeleteFunc(s.clients, func(other *person) bool { return other == p })
	})
	p.w.t.Cleanup(p.gone)
}

// move has the client go to another server.
func (p *person) move(s *site) {
	p.gone()
	p.enter(s, true)
}

func (p *person) wake() {
	select {
	case p.wakes <- struct{}{}:
	default:
	}
}

// context is that of a call of the client's.
func (p *person) context() context.Context {
	return context.WithValue(context.Background(), callerKey{}, p)
}

// getFile is the client's GetFile.
func (p *person) getFile(ctx context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		p.mu.Lock()
		data, ok := p.files[number]
		fault := p.fault
		p.mu.Unlock()
		if !ok || offset > uint64(len(data)) {
			yield(nil, &justchat.Withdrawn{Name: "the file", Reason: "cancelled"})
			return
		}
		cut, err := len(data), error(nil)
		if fault != nil {
			cut, err = fault(number, offset)
		}
		for piece := range slices.Chunk(data[offset:cut], transfer.PieceSize) {
			if !yield(piece, nil) {
				return
			}
		}
		if err != nil {
			if errors.Is(err, context.Canceled) { // says nothing more
				<-ctx.Done()
			}
			yield(nil, err)
		}
	}
}

// offer makes the offer of a file of the client's.
func (p *person) offer(to, name string, data []byte) justchat.Offer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number++
	p.files[p.number] = data
	sum := sha256.Sum256(data)
	return p.sign(justchat.Offer{From: p.User, To: to, Number: p.number, Name: name, Size: uint64(len(data)), SHA256: sum[:]})
}

func (p *person) sign(o justchat.Offer) justchat.Offer {
	o.Sent = time.Now()
	o.Token = p.w.cluster.Grant(p.User, p.key.Public, time.Now(), time.Minute)
	p.key.SignOffer(p.w.cluster.Authority(), &o)
	return o
}

// share shares a file at the server where the client is.
func (p *person) share(o justchat.Offer) (last justchat.Transfer, err error) {
	return drain(p.at.SendPublicFile(p.context(), o))
}

// get gets a public file, from an offset on.
func (p *person) get(data []byte, offset uint64) ([]byte, error) {
	sum := sha256.Sum256(data)
	return collect(p.at.GetFile(p.context(), sum[:], offset))
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

// wantAsked wants a client to have been asked about these files.
func (p *person) wantAsked(names ...string) {
	p.w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.asked, names) {
		p.w.t.Errorf("%s: got asked about %q, want %q", p.User, p.asked, names)
	}
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
