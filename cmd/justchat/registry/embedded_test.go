package registry_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	etcd "github.com/parley-rpc/parley/cmd/justchat/registry"
)

// TestEmbedded stops a member and starts it again, in a folder whose sockets have to be elsewhere.
func TestEmbedded(t *testing.T) {
	for name, dir := range map[string]string{
		"a short path": t.TempDir(),
		"a long path":  filepath.Join(t.TempDir(), strings.Repeat("long", 20), "more"),
		"a blank":      filepath.Join(t.TempDir(), "a room, of ünusual name"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := embedded(t, dir)
			if _, err := dial(t, m).Create(t.Context(), "a", []byte("x"), nil); err != nil {
				t.Fatal(err)
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
			m = embedded(t, dir)
			if entry, err := dial(t, m).Get(t.Context(), "a"); err != nil || string(entry.Value) != "x" {
				t.Errorf("got %q, %v after a restart, want x", entry.Value, err)
			}
			checkPrivate(t, dir)
		})
	}
}

// checkPrivate fails the test if others may enter a member's folders.
func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	for _, folder := range []string{"etcd", "sockets"} {
		info, err := os.Stat(filepath.Join(dir, folder))
		if errors.Is(err, fs.ErrNotExist) && folder == "sockets" {
			continue // they are elsewhere
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o700 {
			t.Errorf("%s: got mode %o, want 700", folder, got)
		}
	}
}

// TestEmbeddedQuiet starts and stops a member of which nothing is to be said.
func TestEmbeddedQuiet(t *testing.T) {
	var log strings.Builder
	m, err := etcd.Embedded(t.Context(), t.TempDir(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if log.Len() > 0 {
		t.Errorf("got these lines, want none:\n%s", &log)
	}
}

func TestEmbeddedTwice(t *testing.T) {
	dir := t.TempDir()
	embedded(t, dir)
	_, err := etcd.Embedded(t.Context(), dir, nil)
	if err == nil || !strings.Contains(err.Error(), "is running already, in another process") {
		t.Errorf("got error %v from a second one in the same folder, want one that says so", err)
	}
}

func TestEmbeddedNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the test does not wait")
	cancel(reason)
	if _, err := etcd.Embedded(ctx, t.TempDir(), nil); !errors.Is(err, reason) {
		t.Errorf("got error %v, want %v", err, reason)
	}
}

func TestBadConfigs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := etcd.Embedded(t.Context(), file, nil); err == nil {
		t.Error("a file was taken for a data folder")
	}
	if _, err := etcd.Dial(etcd.Config{}); err == nil {
		t.Error("no endpoints were taken for some")
	}
	a := newAuthority(t)
	good := etcd.MemberConfig{Name: "a", Dir: t.TempDir(), Peers: "127.0.0.1:0", Clients: "127.0.0.1:0", Credentials: a.credentials(t)}
	for what, change := range map[string]func(*etcd.MemberConfig){
		"peers without a port":      func(c *etcd.MemberConfig) { c.Peers = "127.0.0.1" },
		"clients without a host":    func(c *etcd.MemberConfig) { c.Clients = ":2379" },
		"a cluster without oneself": func(c *etcd.MemberConfig) { c.Cluster = map[string]string{"b": "127.0.0.1:1"} },
		"no credentials":            func(c *etcd.MemberConfig) { c.Credentials = etcd.Credentials{} },
	} {
		config := good
		change(&config)
		if m, err := etcd.Start(config); err == nil {
			m.Close()
			t.Errorf("%s: got no error, want one", what)
		}
	}
}
