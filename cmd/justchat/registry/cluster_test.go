package registry_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	etcd "github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// An authority makes certificates for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := new(authority)
	c := a.sign(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.certificate, a.key = c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

// sign returns a certificate by the authority, or, if that has none, by itself.
func (a *authority) sign(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: "test"}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key, Leaf: leaf}
}

// credentials returns those of one more member or load balancer.
func (a *authority) credentials(t *testing.T) etcd.Credentials {
	t.Helper()
	leaf := a.sign(t, &x509.Certificate{
		DNSNames:    []string{"registry.test"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return etcd.Credentials{Certificate: leaf, Authorities: []*x509.Certificate{a.certificate}, ServerName: "registry.test"}
}

// freeAddresses returns addresses of ports that nobody listens on, at the moment.
func freeAddresses(t *testing.T, count int) (addresses []string) {
	t.Helper()
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// A cluster is three members on ports of this computer.
type cluster struct {
	authority *authority
	configs   []etcd.MemberConfig
	members   []*etcd.Member // nil is one that is stopped
}

// startCluster starts three members, on other ports if somebody was faster.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	var err error
	for range 5 {
		c := &cluster{authority: newAuthority(t), members: make([]*etcd.Member, 3)}
		ports := freeAddresses(t, 6)
		peers := map[string]string{"a": ports[0], "b": ports[1], "c": ports[2]}
		for i, name := range []string{"a", "b", "c"} {
			c.configs = append(c.configs, etcd.MemberConfig{
				Name: name, Dir: t.TempDir(), Peers: ports[i], Clients: ports[3+i], Cluster: peers,
				Credentials: c.authority.credentials(t), Logger: slog.New(slog.DiscardHandler),
			})
		}
		if err = c.start(0, 1, 2); err == nil {
			t.Cleanup(func() { c.stop(0, 1, 2) })
			return c
		}
		c.stop(0, 1, 2)
	}
	t.Fatal(err)
	return nil
}

// start starts members at once, and waits until they are of use.
func (c *cluster) start(which ...int) error {
	errs := make([]error, len(c.members))
	var wait sync.WaitGroup
	for _, i := range which {
		wait.Go(func() { c.members[i], errs[i] = etcd.Start(c.configs[i]) })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, i := range which {
		select {
		case <-c.members[i].Ready():
		case <-time.After(20 * time.Second):
			return fmt.Errorf("member %d was not ready after 20 seconds", i)
		}
	}
	return nil
}

func (c *cluster) stop(which ...int) {
	var wait sync.WaitGroup
	for _, i := range which {
		if m := c.members[i]; m != nil {
			c.members[i] = nil
			wait.Go(m.Kill)
		}
	}
	wait.Wait()
}

func (c *cluster) dial(t *testing.T) *etcd.Etcd {
	t.Helper()
	var endpoints []string
	for _, config := range c.configs {
		endpoints = append(endpoints, "https://"+config.Clients)
	}
	r, err := etcd.Dial(etcd.Config{Endpoints: endpoints, TLS: c.authority.credentials(t).TLS(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func person(name string) loadbalancer.User {
	return loadbalancer.User{State: justchat.UserState{User: name}}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not so after 20 seconds", what)
		}
	}
}

// TestCluster takes two of three members away from two load balancers, and gives them back.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("elections take seconds")
	}
	t.Parallel()
	c := startCluster(t)
	var directories []*registry.Directory
	for range 2 {
		d := registry.Open(c.dial(t), registry.Events{}, slog.New(slog.DiscardHandler))
		t.Cleanup(func() { d.Close() })
		select {
		case <-d.Ready():
		case <-time.After(20 * time.Second):
			t.Fatal("a directory was not ready after 20 seconds")
		}
		directories = append(directories, d)
	}
	here, there := directories[0], directories[1]
	sees := func(d *registry.Directory, names ...string) func() bool {
		return func() bool {
			for _, name := range names {
				if _, found := d.User(name); !found {
					return false
				}
			}
			return len(d.Users()) == len(names)
		}
	}
	if err := here.SignUp(t.Context(), person("elon")); err != nil {
		t.Fatal(err)
	}
	here.AddServer(justchat.ServerNode{Name: "s", Address: "h:1", Start: 1}, 5*time.Second)
	eventually(t, "elon is known there", sees(there, "elon"))
	eventually(t, "the server is known there", func() bool { return len(there.Servers()) == 1 })

	if err := there.SignUp(t.Context(), person("tony")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "tony is known here", sees(here, "elon", "tony"))
	c.stop(0, 1)
	begun := time.Now()
	err := here.SignUp(t.Context(), person("robert"))
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("without quorum a sign-up took %s, want 3 s at most", took)
	}
	var refused *justchat.NoQuorum
	if !errors.As(err, &refused) {
		t.Errorf("sign-up without quorum: got error %v, want a NoQuorum", err)
	}
	eventually(t, "there is no quorum there", func() bool { return !there.Quorum() })
	for _, d := range directories {
		if !sees(d, "elon", "tony")() || len(d.Servers()) != 1 {
			t.Errorf("without quorum: got users %v and servers %v, want elon and tony, and one", d.Users(), d.Servers())
		}
	}
	if err := c.start(0, 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "natasha signs up with quorum again", func() bool { return here.SignUp(t.Context(), person("natasha")) == nil || sees(here, "natasha")() })
	eventually(t, "natasha is known there", func() bool { _, found := there.User("natasha"); return found })
	eventually(t, "there is quorum there", there.Quorum)
	if got := len(there.Servers()); got != 1 {
		t.Errorf("with quorum again: got %d servers, want the one", got)
	}
	entries, _, err := c.dial(t).List(t.Context(), "users/")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range directories {
		eventually(t, "a directory has what the registry has", func() bool { return len(d.Users()) == len(entries) })
	}
}

// TestStrangers has a client and a member meet one that another authority vouches for, and one of another name.
func TestStrangers(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	ports := freeAddresses(t, 2)
	config := etcd.MemberConfig{Name: "a", Dir: t.TempDir(), Peers: ports[0], Clients: ports[1], Credentials: a.credentials(t)}
	m, err := etcd.Start(config)
	if err != nil {
		t.Skip("somebody was faster at the ports:", err)
	}
	t.Cleanup(func() { m.Close() })
	if _, _, err := dial(t, m).List(t.Context(), ""); err != nil {
		t.Errorf("one of the cluster: got error %v, want none", err)
	}
	stranger, deceived, astray := a.credentials(t), a.credentials(t), a.credentials(t)
	stranger.Certificate = other.credentials(t).Certificate
	deceived.Authorities = []*x509.Certificate{other.certificate}
	astray.ServerName = "elsewhere.test"
	for what, credentials := range map[string]etcd.Credentials{
		"a client of another authority": stranger, "a client that expects another authority": deceived, "a client that expects another name": astray,
	} {
		r, err := etcd.Dial(etcd.Config{Endpoints: []string{"https://" + ports[1]}, TLS: credentials.TLS()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if _, _, err := r.List(ctx, ""); err == nil {
			t.Errorf("%s: got no error, want one", what)
		}
		cancel()
		r.Close()
	}
}
