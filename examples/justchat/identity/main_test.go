package identity

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// newCluster returns what a node makes of the secret, or of a new one.
func newCluster(t testing.TB, secrets ...Secret) *Cluster {
	t.Helper()
	secret := NewSecret()
	if len(secrets) > 0 {
		secret = secrets[0]
	}
	c, err := NewCluster(secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newKey(t testing.TB) *Key {
	t.Helper()
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (c *Cluster) nodeTLS(t testing.TB, role Role, name string) *tls.Config {
	t.Helper()
	config, err := c.NodeTLS(role, name)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// trust is a pin for clients that have met the cluster.
func trust(c *Cluster) func(*Authority) error {
	return func(a *Authority) error {
		if !a.Is(c.Authority().Fingerprint()) {
			return errors.New("another cluster")
		}
		return nil
	}
}

// handshake has two sides meet on a socket. It returns what each of them says, after both have also
// read and written, since in TLS 1.3 the dialler is done before it has been checked.
func handshake(t testing.TB, accept, dial *tls.Config) (accepted, dialled error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done := make(chan error, 1)
	go func() { // ends with the handshake; the receive below waits
		conn, err := listener.Accept()
		if err == nil {
			defer conn.Close()
			secure := tls.Server(conn, accept)
			if err = secure.HandshakeContext(t.Context()); err == nil {
				_, err = secure.Write([]byte("!"))
			}
		}
		done <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, dialled := (&tls.Dialer{Config: dial}).DialContext(ctx, "tcp", listener.Addr().String())
	if dialled == nil {
		_, dialled = conn.Read(make([]byte, 1))
		conn.Close()
	}
	return <-done, dialled
}

func wantError(t *testing.T, what string, got error, want string) {
	t.Helper()
	switch {
	case want == "" && got != nil:
		t.Errorf("%s: got %v, want no error", what, got)
	case want != "" && (got == nil || !strings.Contains(got.Error(), want)):
		t.Errorf("%s: got %v, want an error with %q", what, got, want)
	}
}
