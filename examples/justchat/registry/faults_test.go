package registry_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// faulty is a Registry whose watches can be held up, broken, and which can be
// exchanged for another one.
type faulty struct {
	mutex   sync.Mutex
	inner   registry.Registry
	open    chan struct{} // watches go on when it is closed
	breaks  chan error    // one watch ends so
	listing int           // how often everything was listed
}

func newFaulty(inner registry.Registry) *faulty {
	f := &faulty{inner: inner, open: make(chan struct{}), breaks: make(chan error)}
	close(f.open)
	return f
}

// hold holds watches up until the returned function is called.
func (f *faulty) hold() (release func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	open := make(chan struct{})
	f.open = open
	return func() { close(open) }
}

// become exchanges the Registry.
func (f *faulty) become(inner registry.Registry) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.inner = inner
}

func (f *faulty) now() (registry.Registry, chan struct{}) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.inner, f.open
}

func (f *faulty) Get(ctx context.Context, key string) (registry.Entry, error) {
	r, _ := f.now()
	return r.Get(ctx, key)
}

func (f *faulty) List(ctx context.Context, prefix string) ([]registry.Entry, int64, error) {
	r, _ := f.now()
	if prefix == "" {
		f.mutex.Lock()
		f.listing++
		f.mutex.Unlock()
	}
	return r.List(ctx, prefix)
}

func (f *faulty) Create(ctx context.Context, key string, value []byte, lease registry.Lease) (int64, error) {
	r, _ := f.now()
	return r.Create(ctx, key, value, lease)
}

func (f *faulty) Replace(ctx context.Context, key string, revision int64, value []byte, lease registry.Lease) (int64, error) {
	r, _ := f.now()
	return r.Replace(ctx, key, revision, value, lease)
}

func (f *faulty) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	r, _ := f.now()
	return r.Delete(ctx, key, revision)
}

func (f *faulty) Grant(ctx context.Context, life time.Duration) (registry.Lease, error) {
	r, _ := f.now()
	return r.Grant(ctx, life)
}

func (f *faulty) Close() error { return nil }

func (f *faulty) Watch(ctx context.Context, prefix string, after int64) iter.Seq2[registry.Change, error] {
	return func(yield func(registry.Change, error) bool) {
		r, _ := f.now()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			select {
			case err := <-f.breaks:
				cancel(err)
			case <-stop:
			}
		}()
		for change, err := range r.Watch(ctx, prefix, after) {
			_, open := f.now()
			<-open
			if !yield(change, err) {
				return
			}
		}
	}
}

// A desk is a Directory in a test, and what it told.
type desk struct {
	*registry.Directory
	logs *runtimetest.Log

	mutex sync.Mutex
	told  []string
}

func openDesk(t *testing.T, r registry.Registry) *desk {
	t.Helper()
	d := &desk{logs: new(runtimetest.Log)}
	d.Directory = registry.Open(r, registry.Events{
		Server: func(node justchat.ServerNode, removed bool) {
			d.tell(fmt.Sprintf("%s@%s/%d", node.Name, node.Address, node.Start), removed)
		},
		User: func(user loadbalancer.User, removed bool) { d.tell(user.State.User+":"+user.Hash, removed) },
	}, d.logs.Logger(slog.LevelDebug))
	t.Cleanup(func() { d.Close() })
	return d
}

func (d *desk) tell(what string, removed bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if removed {
		what = "-" + what
	}
	d.told = append(d.told, what)
}

// heard fails the test unless this was told since it was last called, when all is quiet.
func (d *desk) heard(t *testing.T, want string) {
	t.Helper()
	synctest.Wait()
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if got := strings.Join(d.told, " "); got != want {
		t.Errorf("told: got %q, want %q", got, want)
	}
	d.told = nil
}

// has fails the test unless the Directory has these users, servers, files and load balancers, and that quorum.
func (d *desk) has(t *testing.T, want string) {
	t.Helper()
	synctest.Wait()
	var parts []string
	for _, user := range d.Users() {
		parts = append(parts, user.State.User+":"+user.Hash)
	}
	for _, node := range d.Servers() {
		parts = append(parts, fmt.Sprintf("%s@%s/%d", node.Name, node.Address, node.Start))
	}
	for _, file := range d.Files() {
		parts = append(parts, fmt.Sprintf("%s=%s%v", file.Name, file.SHA256, file.Holders))
	}
	parts = slices.Concat(parts, d.LoadBalancers())
	if !d.Quorum() {
		parts = append(parts, "no quorum")
	}
	if got := strings.Join(parts, " "); got != want {
		t.Errorf("the directory: got %q, want %q", got, want)
	}
}

func person(name, hash string) loadbalancer.User {
	return loadbalancer.User{State: justchat.UserState{User: name}, Hash: hash}
}
