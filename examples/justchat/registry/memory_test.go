package registry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/registry/registrytest"
)

func TestMemory(t *testing.T) {
	registrytest.Suite{
		Each: func(t *testing.T, test func(*testing.T, func() registry.Registry)) {
			synctest.Test(t, func(t *testing.T) {
				m := registry.NewMemory()
				test(t, func() registry.Registry { return m })
			})
		},
		Forget: forget,
		Life:   time.Second,
	}.Run(t)
}

// forget has a Memory remember other changes.
func forget(t *testing.T, r registry.Registry) {
	for range 500 {
		if _, err := r.Create(t.Context(), "forget", nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Delete(t.Context(), "forget", 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMemoryWithoutQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, m := t.Context(), registry.NewMemory()
		revision, _ := m.Create(ctx, "a", []byte("x"), nil)
		m.SetQuorum(false)
		_, getErr := m.Get(ctx, "a")
		_, _, listErr := m.List(ctx, "")
		_, createErr := m.Create(ctx, "b", nil, nil)
		_, replaceErr := m.Replace(ctx, "a", revision, nil, nil)
		_, deleteErr := m.Delete(ctx, "a", 0)
		_, grantErr := m.Grant(ctx, time.Second)
		for i, err := range []error{getErr, listErr, createErr, replaceErr, deleteErr, grantErr} {
			if !errors.Is(err, registry.ErrNoQuorum) {
				t.Errorf("call %d: got error %v, want %v", i, err, registry.ErrNoQuorum)
			}
		}
		silence, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		for change, err := range m.Watch(silence, "", 0) {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v %v from the watch, want silence for an hour", change, err)
			}
		}
		m.SetQuorum(true)
		for change, err := range m.Watch(ctx, "", 0) {
			if got := fmt.Sprintf("%s=%s %v", change.Key, change.Value, err); got != "a=x <nil>" {
				t.Errorf("got %q from the watch with quorum, want a=x", got)
			}
			break
		}
	})
}

// TestMemoryLeasesWithoutQuorum says after how long without quorum a lease is lost,
// and after how long with it its entry goes.
func TestMemoryLeasesWithoutQuorum(t *testing.T) {
	const life = 5 * time.Second
	for _, test := range []struct {
		name    string
		silence time.Duration
		end     func(registry.Lease) // in the silence
		lost    bool
	}{
		{"a short silence", life - 1, func(registry.Lease) {}, false},
		{"a long silence", life, func(registry.Lease) {}, true},
		{"abandoned", time.Hour, registry.Lease.Abandon, true},
		{"closed", time.Hour, func(lease registry.Lease) {
			if err := lease.Close(); !errors.Is(err, registry.ErrNoQuorum) {
				t.Errorf("close: got error %v, want %v", err, registry.ErrNoQuorum)
			}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, m := t.Context(), registry.NewMemory()
				lease, err := m.Grant(ctx, life)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := m.Create(ctx, "a", nil, lease); err != nil {
					t.Fatal(err)
				}
				m.SetQuorum(false)
				test.end(lease)
				time.Sleep(test.silence)
				synctest.Wait()
				m.SetQuorum(true)
				lost := false
				select {
				case <-lease.Done():
					lost = true
				default:
				}
				if lost != test.lost {
					t.Errorf("after %s without quorum: got lost %t, want %t", test.silence, lost, test.lost)
				}
				time.Sleep(life - 1)
				if _, err := m.Get(ctx, "a"); err != nil {
					t.Errorf("before a life with quorum: got error %v, want none", err)
				}
				time.Sleep(2 * time.Nanosecond)
				if _, err := m.Get(ctx, "a"); errors.Is(err, registry.ErrNotFound) != test.lost {
					t.Errorf("after a life with quorum: got error %v, want the entry gone %t", err, test.lost)
				}
			})
		})
	}
}
