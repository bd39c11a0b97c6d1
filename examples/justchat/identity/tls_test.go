package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"
)

// TestHandshakes has all kinds of peers meet.
func TestHandshakes(t *testing.T) {
	ours, other := newCluster(t), newCluster(t)
	alice, bob := newKey(t), newKey(t)
	lb, server, operator := ours.nodeTLS(t, LoadBalancer, "lb:5000"), ours.nodeTLS(t, Server, "s1"), ours.nodeTLS(t, Operator, "root")
	stranger := other.nodeTLS(t, Server, "s1")
	for _, c := range []struct {
		what              string
		accept, dial      *tls.Config
		accepted, dialled string // errors
	}{
		{"server to load balancer", lb, server, "", ""},
		{"operator to load balancer", lb, operator, "", ""},
		{"client to load balancer", lb, alice.TLS(trust(ours)), "", ""},
		{"client to server", server, alice.TLS(trust(ours)), "", ""},
		{"client to the client that is expected", bob.ListenTLS(), alice.PeerTLS(bob.Public), "", ""},

		{"server to an operator", operator, server, "bad certificate", "the certificate of operator"},
		{"client to an operator", operator, alice.TLS(trust(ours)), "bad certificate", "the certificate of operator"},
		{"server to a server of another cluster", stranger, server, "bad certificate", "of another cluster"},
		{"server of another cluster to a server", server, withoutCheck(stranger), "of another cluster", "bad certificate"},
		{"client to another cluster", stranger, alice.TLS(trust(ours)), "bad certificate", "another cluster"},
		{"client to another client", newKey(t).ListenTLS(), alice.PeerTLS(bob.Public), "bad certificate", "it has another key"},
		{"client to a node in place of a client", server, alice.PeerTLS(bob.Public), "bad certificate", "one certificate"},
		{"client to a client in place of a node", bob.ListenTLS(), alice.TLS(trust(ours)), "bad certificate", "not that of a node"},
		{"node to a client in place of a node", bob.ListenTLS(), server, "bad certificate", "not that of a node"},
		{"node to a client", bob.ListenTLS(), withoutCheck(server), "one certificate", "bad certificate"},
		{"nobody to a server", server, &tls.Config{InsecureSkipVerify: true}, "didn't provide a certificate", "certificate required"},
		{"TLS 1.2", server, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, Certificates: server.Certificates}, "unsupported versions", "protocol version"},
	} {
		accepted, dialled := handshake(t, c.accept, c.dial)
		wantError(t, c.what+", accepting", accepted, c.accepted)
		wantError(t, c.what+", dialling", dialled, c.dialled)
	}
}

// withoutCheck is a config as an attacker would have it: he does not mind who answers.
func withoutCheck(config *tls.Config) *tls.Config {
	config = config.Clone()
	config.VerifyConnection = nil
	return config
}

// TestRefusalType finds what tells the runtime not to try again, and what pin said.
func TestRefusalType(t *testing.T) {
	mine := errors.New("mine")
	_, err := handshake(t, newCluster(t).nodeTLS(t, Server, "s1"), newKey(t).TLS(func(*Authority) error { return mine }))
	if e := new(tls.CertificateVerificationError); !errors.As(err, &e) || !errors.Is(err, mine) {
		t.Errorf("got %v, want pin's error in a CertificateVerificationError", err)
	}
}

// forged presents certificates that the cluster did not make for that key.
func forged(t *testing.T, key any, certificates ...[]byte) *tls.Config {
	t.Helper()
	return &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{{Certificate: certificates, PrivateKey: key}}}
}

// TestForgedChains presents chains to a server that look like a node's.
func TestForgedChains(t *testing.T) {
	ours, other := newCluster(t), newCluster(t)
	server := ours.nodeTLS(t, Server, "s1")
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	self, err := signSelf(key)
	if err != nil {
		t.Fatal(err)
	}
	own, _ := signNode(publicOf(key), Server, "s2", key)           // says to be by the cluster
	foreign, _ := signNode(publicOf(key), Server, "s2", other.key) // is by another cluster
	odd, _ := signNode(publicOf(key), "janitor", "s2", ours.key)   // by the cluster, of another time
	client, _ := signNode(publicOf(key), Client, "s2", ours.key)   // nobody makes those
	wrongUp, _ := signAuthority(other.key, other.key)
	old, _ := signAuthority(ours.key, other.key) // the other cluster claims that ours is its old one
	for what, c := range map[string]struct {
		config *tls.Config
		want   string
	}{
		"our authority behind a client's":           {forged(t, key, self, ours.chain[0]), "the node's certificate"},
		"our authority behind one of his own":       {forged(t, key, own, ours.chain[0]), "the node's certificate"},
		"one of his own that names a role":          {forged(t, key, own), ""}, // which nobody reads: he is a client, see TestPeerOf
		"another cluster's":                         {forged(t, key, foreign, other.chain[0]), "of another cluster"},
		"another cluster's alone":                   {forged(t, key, foreign), "signed by itself, this one is not"},
		"another cluster's with ours":               {forged(t, key, foreign, ours.chain[0]), "the node's certificate"},
		"another cluster's with ours as an old one": {forged(t, key, foreign, other.chain[0], wrongUp, old), "by the cluster's old authority"},
		"another cluster's with ours beside":        {forged(t, key, foreign, other.chain[0], ours.chain[0], ours.chain[0]), "not that of a node"},
		"a role that is not known":                  {forged(t, key, odd, ours.chain[0]), `role ["janitor"]`},
		"the role of clients":                       {forged(t, key, client, ours.chain[0]), `role ["client"]`},
		"the authority as a node":                   {forged(t, ours.key, ours.chain[0], ours.chain[0]), "not that of a node"},
		"an odd number":                             {forged(t, key, own, ours.chain[0], ours.chain[0]), "not that of a node"},
		"too many":                                  {forged(t, key, make12(own, ours.chain[0])...), "not that of a node"},
		"another's certificate, without a key":      {forged(t, key, server.Certificates[0].Certificate...), "invalid signature"},
		"another kind of key":                       {otherKey(t), "has an Ed25519 key"},
	} {
		accepted, _ := handshake(t, server, c.config)
		wantError(t, what, accepted, c.want)
	}
}

func make12(leaf, ca []byte) [][]byte {
	chain := [][]byte{leaf}
	for range 11 {
		chain = append(chain, ca)
	}
	return chain
}

func otherKey(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := authorityTemplate(make(ed25519.PublicKey, 32))
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return forged(t, key, der)
}

// TestClockJumps has sides meet whose clocks are off by decades.
func TestClockJumps(t *testing.T) {
	c := newCluster(t)
	for _, year := range []int{1970, 2150} {
		at := func() time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
		server, dial := c.nodeTLS(t, Server, "s1"), c.nodeTLS(t, Server, "s2")
		accept, _ := server.GetConfigForClient(nil)
		accept.Time, dial.Time = at, at
		if accepted, dialled := handshake(t, server, dial); accepted != nil || dialled != nil {
			t.Errorf("%d: got %v and %v, want them to meet", year, accepted, dialled)
		}
	}
}

// TestStrictByDefault uses a node's config without what only an accepting side calls: no client gets in.
func TestStrictByDefault(t *testing.T) {
	c := newCluster(t)
	config := c.nodeTLS(t, Server, "s1").Clone()
	config.GetConfigForClient = nil
	accepted, _ := handshake(t, config, newKey(t).TLS(trust(c)))
	wantError(t, "accepting", accepted, "not that of a node")
}

func TestNodeTLSNames(t *testing.T) {
	c := newCluster(t)
	for name, role := range map[string]Role{"": Server, "a\xff": Server, string(make([]byte, 65)): Server, "c": Client, "x": "janitor"} {
		if _, err := c.NodeTLS(role, name); err == nil {
			t.Errorf("%q, %q: got a config, want an error", role, name)
		}
	}
}

// TestRotation has nodes with the old secret, with both, and with the new one alone meet.
func TestRotation(t *testing.T) {
	first := NewSecret()
	second := first.Rotate()
	third := second.Rotate()
	before, during, after := newCluster(t, first), newCluster(t, second), newCluster(t, Secret{Current: second.Current})
	thief := newCluster(t, first.Rotate()) // with a new secret of his own
	for _, c := range []struct {
		what         string
		accept, dial *Cluster
		fails        bool
	}{
		{"old to both", during, newCluster(t, first), false},
		{"both to old", newCluster(t, first), during, false},
		{"both to new", after, during, false},
		{"new to both", during, after, false},
		{"both to a third", newCluster(t, third), during, false},
		{"old to a third", newCluster(t, third), newCluster(t, first), false},
		{"new to old", before, after, true},
		{"old to new", after, before, true},
		{"old and stolen to both", during, thief, true}, // the new secret is his own
		{"old and stolen to new", after, thief, true},
	} {
		accepted, dialled := handshake(t, c.accept.nodeTLS(t, Server, "a"), c.dial.nodeTLS(t, Server, "d"))
		if failed := accepted != nil || dialled != nil; failed != c.fails {
			t.Errorf("%s: got %v and %v, want a failure: %t", c.what, accepted, dialled, c.fails)
		}
	}
}

// TestRotationLearned has a node with the old secret learn of the new one from a node that it met: it takes
// tokens and messages under it.
func TestRotationLearned(t *testing.T) {
	first := NewSecret()
	before, during := newCluster(t, first), newCluster(t, first.Rotate())
	m := signed(t, during, newKey(t))
	wantError(t, "before they met", before.Authority().CheckMessage(m), "of another cluster")
	if _, err := handshake(t, during.nodeTLS(t, LoadBalancer, "a"), before.nodeTLS(t, Server, "d")); err != nil {
		t.Fatal(err)
	}
	wantError(t, "after they met", before.Authority().CheckMessage(m), "")
	if got, want := before.Authority().Fingerprint(), newCluster(t, first).Authority().Fingerprint(); got != want {
		t.Errorf("got the fingerprint %s, want its own, %s", got, want)
	}
}

// TestRotationHeartbeat keeps nodes that have the new secret and those that do not in touch.
func TestRotationHeartbeat(t *testing.T) {
	first := NewSecret()
	if got, want := newCluster(t, first.Rotate()).HeartbeatKey(), newCluster(t, first).HeartbeatKey(); string(got) != string(want) || len(got) != 32 {
		t.Errorf("got %x, want %x", got, want)
	}
}
