package registry_test

import (
	"log/slog"
	"testing"
	"time"

	etcd "github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/registry/registrytest"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// embedded starts a member until the test ends.
func embedded(t *testing.T, dir string) *etcd.Member {
	t.Helper()
	m, err := etcd.Embedded(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func dial(t *testing.T, m *etcd.Member) *etcd.Etcd {
	t.Helper()
	r, err := m.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestEtcd(t *testing.T) {
	registrytest.Suite{
		Each: func(t *testing.T, test func(*testing.T, func() registry.Registry)) {
			t.Parallel()
			m := embedded(t, t.TempDir())
			test(t, func() registry.Registry { return dial(t, m) })
		},
		Forget: func(t *testing.T, r registry.Registry) {
			if err := r.(*etcd.Etcd).Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		Life: 2 * time.Second,
	}.Run(t)
}
