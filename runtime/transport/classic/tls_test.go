package classic_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"math/big"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// certificate returns a config for a server that nobody vouches for.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestTLS sends more than a request under TLS: the response arrives whole all the same, and then the end.
func TestTLS(t *testing.T) {
	address := start(t, &classic.Server{Handler: echo, TLS: certificate(t)})
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send(t, conn, "\x00\x05hello and more")
	if got, want := rest(t, conn), "\x00\x05hello"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTLSPlain sends requests in the clear, one that begins as no TLS record does and one that does.
func TestTLSPlain(t *testing.T) {
	var log runtimetest.Log
	address := start(t, &classic.Server{Handler: echo, TLS: certificate(t), Logger: log.Logger(slog.LevelInfo)})
	conn := dial(t, address)
	send(t, conn, "\x00\x05hello")
	text := "fault: this port is for TLS, which the client does not speak"
	if got, want := rest(t, conn), string([]byte{0, byte(len(text))})+text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	log.Want(t, "level=WARN", "this port is for TLS")

	conn = dial(t, address)
	send(t, conn, "\x16\x05hello and so on")
	if got, err := io.ReadAll(conn); len(got) > 10 || err != nil {
		t.Errorf("got %q, %v, want an alert at most", got, err)
	}
}

// TestTLSStalled begins a handshake and stops: the time of a request ends it.
func TestTLSStalled(t *testing.T) {
	config := certificate(t)
	for _, begun := range []string{"", "\x16", "\x16\x03\x01\x02\x00\x01"} {
		synctest.Test(t, func(t *testing.T) {
			var log runtimetest.Log
			server := &classic.Server{Handler: echo, TLS: config, Timeout: time.Second, Logger: log.Logger(slog.LevelInfo)}
			network := newPipes()
			served := make(chan error, 1)
			go func() { served <- server.Serve(network) }()
			conn := network.conn(t)
			send(t, conn, begun)
			began := time.Now()
			if _, err := conn.Read(make([]byte, 1)); err != io.EOF || time.Since(began) != time.Second {
				t.Errorf("%q: got %v after %v, want the end after 1s", begun, err, time.Since(began))
			}
			server.Close()
			if err := <-served; err != nil {
				t.Errorf("Serve: %v", err)
			}
			log.Want(t, "level=WARN", "TLS handshake stalled, after 1s")
		})
	}
}

// TestTLSShutdown shuts a server down in the middle of a handshake: nothing has come on that connection, so it is closed.
func TestTLSShutdown(t *testing.T) {
	config := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		server := &classic.Server{Handler: echo, TLS: config, Logger: log.Logger(slog.LevelInfo)}
		network := newPipes()
		served := make(chan error, 1)
		go func() { served <- server.Serve(network) }()
		conn := network.conn(t)
		send(t, conn, "\x16\x03\x01\x02\x00\x01")
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if log.String() != "" {
			t.Errorf("got log %q, want none", log.String())
		}
	})
}
