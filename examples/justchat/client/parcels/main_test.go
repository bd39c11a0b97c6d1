package parcels

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// usual are limits that a test may make smaller.
var usual = Limits{Offers: 10, Transfers: 4, Sharing: 10, OfferTime: 10 * time.Minute, Unreached: 10 * time.Minute}

// A user has a Set, and is connected to one other, or to a server of public files. Tests change the functions.
type user struct {
	*Set
	t    testing.TB
	name string
	dir  string
	runs byte // Sets so far; each is a client process of its own

	sign  func(context.Context, *justchat.Offer) error
	offer func(context.Context, *justchat.Offer) iter.Seq2[justchat.Transfer, error]
	share func(context.Context, *justchat.Offer) iter.Seq2[justchat.Transfer, error]
	fetch func(ctx context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error]

	mu      sync.Mutex
	busy    bool // does not look at what is queued
	queue   []func()
	deepest int // entries in queue
	news    []News
	handed  chan struct{}
}

// newUser makes a user, whose Set is closed with the test.
func newUser(t testing.TB, name string, limits Limits) *user {
	u := &user{t: t, name: name, dir: filepath.Join(t.TempDir(), "downloads"), handed: make(chan struct{}, 1)}
	u.sign = func(_ context.Context, o *justchat.Offer) error { return nil }
	u.open(limits)
	over := make(chan struct{})
	go func() {
		for range u.handed {
			u.hand()
		}
		close(over)
	}()
	t.Cleanup(func() {
		u.Set.Close()
		close(u.handed)
		<-over
	})
	return u
}

// open makes the Set, again after Close.
func (u *user) open(limits Limits) {
	u.runs++
	u.Set = New(Config{Network: (*network)(u), Downloads: u.dir, Limits: limits, Logger: slog.New(slog.DiscardHandler), Tell: u.tell})
}

func (u *user) tell(take func() News, told func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.queue = append(u.queue, func() {
		if n := take(); n != nil {
			u.mu.Lock()
			u.news = append(u.news, n)
			u.mu.Unlock()
		}
		told()
	})
	u.deepest = max(u.deepest, len(u.queue))
	u.wake()
}

func (u *user) wake() {
	select {
	case u.handed <- struct{}{}:
	default:
	}
}

func (u *user) hand() {
	for {
		u.mu.Lock()
		if len(u.queue) == 0 || u.busy {
			u.mu.Unlock()
			return
		}
		next := u.queue[0]
		u.queue = u.queue[1:]
		u.mu.Unlock()
		next()
	}
}

// setBusy has the user look at nothing, or again at what there is.
func (u *user) setBusy(busy bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.busy = busy
	u.wake()
}

// A network is a user's.
type network user

func (n *network) Sign(ctx context.Context, o *justchat.Offer) error {
	o.From, o.Client = n.name, clientOf(n.name)
	o.Client[15] = n.runs
	return n.sign(ctx, o)
}

func clientOf(name string) []byte { return bytes.Repeat([]byte{name[0]}, 16) }

func (n *network) Offer(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	n.mu.Lock()
	offer := n.offer
	n.mu.Unlock()
	return offer(ctx, o)
}

func (n *network) Share(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return n.share(ctx, o)
}

func (n *network) Fetch(ctx context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error] {
	return n.fetch(ctx, sum, offset)
}

// file makes a file of random bytes, and returns its path.
func (u *user) file(name string, size int) string {
	u.t.Helper()
	data := make([]byte, size)
	random := rand.NewChaCha8(sha256.Sum256([]byte(name)))
	random.Read(data)
	path := filepath.Join(u.t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		u.t.Fatal(err)
	}
	return path
}

// sends offers a file, and waits until nothing more happens by itself.
func (u *user) sends(to, path string) (id uint64) {
	u.t.Helper()
	id, err := u.Send(to, path)
	if err != nil {
		u.t.Fatal(err)
	}
	synctest.Wait()
	return id
}

func (u *user) accepts(id uint64) {
	u.t.Helper()
	if err := u.Accept(id); err != nil {
		u.t.Fatal(err)
	}
	synctest.Wait()
}

// is returns a transfer, which has to be there.
func (u *user) is(id uint64) Transfer {
	u.t.Helper()
	for _, t := range u.Transfers() {
		if t.ID == id {
			return t
		}
	}
	u.t.Fatalf("%s has no transfer %d", u.name, id)
	return Transfer{}
}

// becomes waits until a transfer has ended, and checks how, and what its error says.
func (u *user) becomes(id uint64, want State, says string) Transfer {
	u.t.Helper()
	u.await(u.t.Context(), func() bool {
		for _, p := range u.parcels {
			if p.is.ID == id {
				return p.over
			}
		}
		return true
	})
	synctest.Wait()
	is := u.is(id)
	text := ""
	if is.Err != nil {
		text = is.Err.Error()
	}
	if is.State != want || text != says {
		u.t.Errorf("%s's transfer: got %v %q, want %v %q", u.name, is.State, text, want, says)
	}
	return is
}

// told returns the news in a few words each.
func (u *user) told() (all []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, n := range u.news {
		switch n := n.(type) {
		case *Offered:
			all = append(all, "offered "+n.Name)
		case *OfferEnded:
			all = append(all, fmt.Sprintf("ended %s (%s)", n.Name, n.Reason))
		case *Transfer:
			if s := n.State.String(); len(all) == 0 || all[len(all)-1] != s {
				all = append(all, s)
			}
		}
	}
	return all
}

// has checks that a file arrived, as it was sent.
func (u *user) has(path, name, original string) {
	u.t.Helper()
	if want := filepath.Join(u.dir, name); path != want {
		u.t.Errorf("got the path %q, want %q", path, want)
	}
	got, err := os.ReadFile(path)
	want, _ := os.ReadFile(original)
	if err != nil || !bytes.Equal(got, want) {
		u.t.Errorf("got %d bytes (%v), want the %d of the original", len(got), err, len(want))
	}
}

// holds checks which files lie in the download folder, whole or not.
func (u *user) holds(want ...string) {
	u.t.Helper()
	var got []string
	err := filepath.WalkDir(u.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, d.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		u.t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		u.t.Errorf("%s holds %q, want %q", u.name, got, want)
	}
}

// infoOf returns what is known of a file.
func infoOf(t testing.TB, path string) transfer.Info {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return transfer.Info{Name: filepath.Base(path), Size: int64(len(data)), Sum: sha256.Sum256(data)}
}
