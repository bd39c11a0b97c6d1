package runtime_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"iter"
	"math/big"
	"net"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// An authority vouches for certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.certificate, a.key = a.sign(t, template)
	a.pool.AddCert(a.certificate)
	return a
}

// sign returns a certificate that a vouches for, or itself if there is no a yet, and its key.
func (a *authority) sign(t *testing.T, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, parentKey := a.certificate, a.key
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// issue returns a certificate for name, as a server at 127.0.0.1 and as a client.
func (a *authority) issue(t *testing.T, name string) []tls.Certificate {
	t.Helper()
	certificate, key := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}}
}

// bothForms calls f with a client of each form.
func bothForms(t *testing.T, address string, option runtime.Option, f func(t *testing.T, caller runtime.Caller)) {
	t.Helper()
	t.Run("classic", func(t *testing.T) { f(t, runtime.Classic(address, option)) })
	t.Run("session", func(t *testing.T) { f(t, dial(t, address, option)) })
}

// TestMutualTLS has both sides prove who they are. The server's name is that of the address.
func TestMutualTLS(t *testing.T) {
	ca := newAuthority(t)
	server := runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server"), ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool})
	client := runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "alice"), RootCAs: ca.pool})
	address := serveBook(t, Book{list: func(ctx context.Context) ([]string, error) {
		peer, _ := runtime.PeerFrom(ctx)
		if peer.TLS == nil || peer.Address == nil {
			return nil, errors.New("not encrypted")
		}
		return []string{peer.TLS.VerifiedChains[0][0].Subject.CommonName}, nil
	}}, server)
	bothForms(t, address, client, func(t *testing.T, caller runtime.Caller) {
		for range 3 {
			got, err := NewGuestbookClient(caller).List(t.Context())
			if err != nil || len(got) != 1 || got[0] != "alice" {
				t.Fatalf("got %q, %v, want the peer to be alice", got, err)
			}
		}
	})
}

// TestTLSNoCertificate leaves out the client's certificate. The server's answer comes after the
// client's handshake, and the client learns what it was.
func TestTLSNoCertificate(t *testing.T) {
	ca := newAuthority(t)
	server := runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server"), ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool})
	var log runtimetest.Log
	address := serveBook(t, Book{}, server, logTo(&log))
	for form, caller := range map[string]runtime.Caller{
		"classic": runtime.Classic(address, runtime.WithTLS(&tls.Config{RootCAs: ca.pool})),
		"session": dial(t, address, runtime.WithTLS(&tls.Config{RootCAs: ca.pool})),
	} {
		_, err := NewGuestbookClient(caller).List(t.Context())
		if e := new(runtime.Error); !errors.As(err, &e) || !e.Broken() || !strings.Contains(err.Error(), "certificate required") {
			t.Errorf("%s: got %v, want a broken line, since a certificate is required", form, err)
		}
	}
	for line := range strings.Lines(log.String()) {
		if !strings.Contains(line, "level=WARN") || !strings.Contains(line, "client didn't provide a certificate") {
			t.Errorf("got log %q, want a warning about the certificate", line)
		}
	}
}

// TestTLSStreams carries streams longer than a window, to the end and left, over TLS.
func TestTLSStreams(t *testing.T) {
	ca := newAuthority(t)
	server := runtime.NewServer(runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}))
	page := strings.Repeat("x", 40_000)
	RegisterDiary(server, Diary{
		talk:   func(_ context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error] { return lines },
		follow: func(context.Context, uint16) iter.Seq2[string, error] { return pages(nil, page, page, page) },
	})
	client := NewDiaryClient(dial(t, serve(t, server), runtime.WithTLS(&tls.Config{RootCAs: ca.pool})))
	var lines []string
	for range 50 {
		lines = append(lines, page)
	}
	if got, err := gather(client.Talk(t.Context(), pages(nil, lines...))); len(got) != len(lines) || err != nil {
		t.Errorf("got %d items, %v, want %d", len(got), err, len(lines))
	}
	for range client.Follow(t.Context(), 1) {
		break
	}
	if got, err := gather(client.Follow(t.Context(), 1)); len(got) != 3 || err != nil {
		t.Errorf("got %d items, %v, want 3", len(got), err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// TestTLSCallers has many callers share a connection under TLS.
func TestTLSCallers(t *testing.T) {
	ca := newAuthority(t)
	server := runtime.NewServer(runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}))
	RegisterDiary(server, echoDiary())
	client := NewDiaryClient(dial(t, serve(t, server), runtime.WithTLS(&tls.Config{RootCAs: ca.pool})))
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			for n := range 50 {
				if got, err := client.Write(t.Context(), strings.Repeat("x", i*n)); int(got) != i*n || err != nil {
					t.Errorf("got %d, %v, want %d", got, err, i*n)
					return
				}
			}
		})
	}
	callers.Wait()
}

// TestTLSIdle has sessions that wait for nothing hold no large buffers, though under TLS only a read can
// wait for what comes. A socket's 128 KiB on each side would be four times the bound.
func TestTLSIdle(t *testing.T) {
	const sessions, most = 50, 64 << 10
	ca := newAuthority(t)
	server := runtime.NewServer(runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}))
	RegisterDiary(server, echoDiary())
	address, trust := serve(t, server), runtime.WithTLS(&tls.Config{RootCAs: ca.pool})
	write := func() {
		client := NewDiaryClient(dial(t, address, trust))
		if _, err := client.Write(t.Context(), "a line"); err != nil {
			t.Fatal(err)
		}
	}
	write() // what the first one needs once
	before := heapInUse()
	for range sessions {
		write()
	}
	if each := (heapInUse() - before) / sessions; each > most {
		t.Errorf("got %d bytes for both sides of an idle session, want at most %d", each, most)
	}
}

// heapInUse returns the bytes of the heap that are reachable.
func heapInUse() int {
	goruntime.GC()
	goruntime.GC() // what pools keep goes with the second
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestTLSInProcess has client and server speak TLS over memory.
func TestTLSInProcess(t *testing.T) {
	ca := newAuthority(t)
	server := runtime.NewServer(runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}))
	client := runtime.InProcess(server, runtime.WithTLS(&tls.Config{RootCAs: ca.pool, ServerName: "127.0.0.1"}))
	defer client.Close()
	if err := client.Connect(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTLSDistrusted has a server that the client does not know. The error says so, and the call is not tried again.
func TestTLSDistrusted(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	address := serveBook(t, Book{}, runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}))
	bothForms(t, address, runtime.WithTLS(&tls.Config{RootCAs: other.pool}), func(t *testing.T, caller runtime.Caller) {
		_, err := NewGuestbookClient(caller).List(t.Context())
		if e := new(runtime.Error); !errors.As(err, &e) || !e.Broken() || !strings.Contains(err.Error(), "TLS handshake with "+address) {
			t.Errorf("got %v, want a broken line that names the handshake", err)
		}
		if unknown := new(x509.UnknownAuthorityError); !errors.As(err, unknown) {
			t.Errorf("got %v, want an unknown authority to errors.As", err)
		}
	})
	dials := 0
	client := dial(t, address, runtime.WithTLS(&tls.Config{RootCAs: other.pool}), runtime.WithDialer(
		func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			return new(net.Dialer).DialContext(ctx, network, address)
		}))
	if NewGuestbookClient(client).List(t.Context()); dials != 1 {
		t.Errorf("got %d connections for one call, want 1", dials)
	}
}

// TestTLSPlainClient has clients speak in the clear to a server that does not.
func TestTLSPlainClient(t *testing.T) {
	ca := newAuthority(t)
	for _, form := range []string{"classic", "session"} {
		t.Run(form, func(t *testing.T) {
			var log runtimetest.Log
			server := runtime.NewServer(runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}), logTo(&log))
			RegisterGuestbook(server, Book{})
			address := serve(t, server)
			var caller runtime.Caller = runtime.Classic(address)
			if form == "session" {
				caller = dial(t, address)
			}
			_, err := NewGuestbookClient(caller).List(t.Context())
			if e := new(runtime.Error); !errors.As(err, &e) || e.Broken() != (form == "session") {
				t.Errorf("got %v, want a broken session, or an answer", err)
			}
			if err := server.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			for line := range strings.Lines(log.String()) { // several, if the call was made again
				for _, words := range []string{"level=WARN", "this port is for TLS, which the client does not speak", "remote=127.0.0.1:"} {
					if !strings.Contains(line, words) {
						t.Errorf("got log %q, want it to contain %q", line, words)
					}
				}
			}
			if log.String() == "" {
				t.Error("got no log, want a warning")
			}
		})
	}
}

// TestTLSPlainServer has clients speak TLS to a server that does not.
func TestTLSPlainServer(t *testing.T) {
	ca := newAuthority(t)
	bothForms(t, serveBook(t, Book{}), runtime.WithTLS(&tls.Config{RootCAs: ca.pool}), func(t *testing.T, caller runtime.Caller) {
		_, err := NewGuestbookClient(caller).List(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the server does not speak TLS on this port") {
			t.Errorf("got %v, want that the server speaks no TLS", err)
		}
	})
}

// TestTLSStalledServer has a server that never answers the handshake: the call's time bounds it.
func TestTLSStalledServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := runtime.WithDialer(func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go io.Copy(io.Discard, there) // ends when the client closes its end
			return here, nil
		})
		secure := runtime.WithTLS(&tls.Config{ServerName: "there"})
		client := runtime.Dial("there:1", silent, secure)
		defer client.Close()
		for form, caller := range map[string]runtime.Caller{"session": client, "classic": runtime.Classic("there:1", silent, secure)} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := NewGuestbookClient(caller).List(ctx); runtime.CodeOf(err) != runtime.CodeDeadlineExceeded {
				t.Errorf("%s: got %v, want deadline_exceeded", form, err)
			}
		}
	})
}

// TestTLSStalledClient has a client that begins a handshake and stops: others are served, and Shutdown does not wait.
func TestTLSStalledClient(t *testing.T) {
	ca := newAuthority(t)
	server := runtime.NewServer(runtime.WithTLS(&tls.Config{Certificates: ca.issue(t, "server")}))
	RegisterGuestbook(server, Book{clear: func(context.Context) error { return nil }})
	address := serve(t, server)
	for range 5 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "\x16\x03\x01\x02\x00\x01")
	}
	bothForms(t, address, runtime.WithTLS(&tls.Config{RootCAs: ca.pool}), func(t *testing.T, caller runtime.Caller) {
		if err := NewGuestbookClient(caller).Clear(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if err := server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// TestTLSServeWithoutCertificate has a config that no handshake can succeed with.
func TestTLSServeWithoutCertificate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	err = runtime.NewServer(runtime.WithTLS(new(tls.Config))).Serve(listener)
	if err == nil || !strings.Contains(err.Error(), "has no certificate") {
		t.Errorf("got %v, want that there is no certificate", err)
	}
}
