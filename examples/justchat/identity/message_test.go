package identity

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// signed returns a message of Tony's, with k and a token for it.
func signed(t testing.TB, c *Cluster, k *Key) *justchat.Message {
	t.Helper()
	m := &justchat.Message{From: "Tony", To: "Robert", Number: 7, Text: "a surprise", Sent: noon.Add(123)}
	m.Token = c.Grant("Tony", k.Public, noon, 10*time.Minute)
	k.Sign(c.Authority(), m)
	return m
}

func TestCheckToken(t *testing.T) {
	c, key := newCluster(t), newKey(t).Public
	token := c.Grant("Tony", key, noon, 10*time.Minute)
	altered := func(at int) []byte {
		token := bytes.Clone(token)
		token[at] ^= 1
		return token
	}
	const leeway = 2 * time.Minute
	for _, test := range []struct {
		what  string
		token []byte
		now   time.Time
		want  string
	}{
		{"good", token, noon, ""},
		{"good at its end", token, noon.Add(12 * time.Minute), ""},
		{"good though the clock is behind", token, noon.Add(-2 * time.Minute), ""},
		{"expired", token, noon.Add(13 * time.Minute), "it expired 3m0s ago"},
		{"of the future", token, noon.Add(-3 * time.Minute), "it is of the future, by 3m0s"},
		{"of another cluster", newCluster(t).Grant("Tony", key, noon, time.Hour), noon, "of another cluster"},
		{"another version", altered(0), noon, "malformed"},
		{"another cluster's hint", altered(1), noon, "of another cluster"},
		{"another length", altered(tokenHead - 1), noon, "malformed"},
		{"another name", altered(tokenHead), noon, "not signed"},
		{"another key", altered(tokenHead + 4), noon, "not signed"},
		{"another begin", altered(tokenHead + 4 + 32 + 7), noon, "not signed"},
		{"another end", altered(tokenHead + 4 + 32 + 15), noon, "not signed"},
		{"another signature", altered(len(token) - 1), noon, "not signed"},
		{"longer", append(bytes.Clone(token), 0), noon, "malformed"},
		{"shorter", token[:len(token)-1], noon, "malformed"},
		{"empty", nil, noon, "empty"},
		{"a name that is too long", c.Grant(string(make([]byte, 300)), key, noon, time.Hour), noon, "malformed"},
	} {
		claims, err := c.Authority().CheckToken(test.token, test.now, leeway)
		wantError(t, test.what, err, test.want)
		if test.want == "" {
			want := Claims{"Tony", key, noon, noon.Add(10 * time.Minute)}
			if claims.User != want.User || !claims.Key.Equal(want.Key) || claims.Granted != want.Granted || claims.Expires != want.Expires {
				t.Errorf("%s: got %v, want %v", test.what, claims, want)
			}
		} else if bad := new(justchat.BadToken); !errors.As(err, &bad) {
			t.Errorf("%s: got %T, want a *justchat.BadToken", test.what, err)
		}
	}
}

func TestCheckMessage(t *testing.T) {
	secret := NewSecret()
	c, k := newCluster(t, secret), newKey(t)
	other := newKey(t)
	for _, test := range []struct {
		what   string
		change func(*justchat.Message)
		want   string
	}{
		{"as it was", func(*justchat.Message) {}, ""},
		{"from", func(m *justchat.Message) { m.From = "Elon" }, `of "Tony"`},
		{"from, with his token", func(m *justchat.Message) { m.From, m.Token = "Elon", c.Grant("Elon", other.Public, noon, time.Hour) }, "not of the key"},
		{"to", func(m *justchat.Message) { m.To = "" }, "not of the key"},
		{"client", func(m *justchat.Message) { m.Client = other.Client }, "not of the key"},
		{"client's size", func(m *justchat.Message) { m.Client = nil }, "0 bytes, not 16"},
		{"another's client and numbers", func(m *justchat.Message) {
			thief := *k
			thief.Client = other.Client
			thief.Sign(c.Authority(), m)
		}, "its client is of another key"},
		{"number", func(m *justchat.Message) { m.Number++ }, "not of the key"},
		{"text", func(m *justchat.Message) { m.Text += "!" }, "not of the key"},
		{"sent", func(m *justchat.Message) { m.Sent = m.Sent.Add(1) }, "not of the key"},
		{"where a field ends", func(m *justchat.Message) {
			m.From, m.To = "Ton", "yRobert"
			m.Token = c.Grant("Ton", k.Public, noon, time.Hour)
		}, "not of the key"},
		{"signature", func(m *justchat.Message) { m.Signature = make([]byte, 64) }, "not of the key"},
		{"no signature", func(m *justchat.Message) { m.Signature = nil }, "no signature"},
		{"signature of another", func(m *justchat.Message) { other.Sign(c.Authority(), m) }, "not of the key"},
		{"no token", func(m *justchat.Message) { m.Token = nil }, "it is empty"},
		{"a token of another cluster", func(m *justchat.Message) { m.Token = newCluster(t).Grant("Tony", k.Public, noon, time.Hour) }, "another cluster"},
		{"signed for another cluster", func(m *justchat.Message) { k.Sign(newCluster(t).Authority(), m) }, "not of the key"},
		{"another token of the same", func(m *justchat.Message) { m.Token = c.Grant("Tony", k.Public, noon.Add(time.Hour), time.Hour) }, ""},
		{"another place on earth", func(m *justchat.Message) { m.Sent = m.Sent.In(time.FixedZone("", 3600)) }, ""},
	} {
		m := signed(t, c, k)
		a := newCluster(t, secret).Authority()
		for range 2 { // the second time it may be remembered
			if err := a.CheckMessage(m); err != nil {
				t.Fatalf("got %v, want it good", err)
			}
		}
		test.change(m)
		for range 2 {
			wantError(t, test.what, a.CheckMessage(m), test.want)
		}
	}
}

// TestMessageOverWire has a message checked that was encoded and read.
func TestMessageOverWire(t *testing.T) {
	c, k := newCluster(t), newKey(t)
	for _, sent := range []time.Time{{}, noon.Add(1), time.Now(), time.Unix(-1, 999_999_999), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		m := signed(t, c, k)
		m.Sent = sent
		k.Sign(c.Authority(), m)
		data, _ := m.MarshalBinary()
		read := new(justchat.Message)
		if err := read.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		wantError(t, fmt.Sprint(sent), c.Authority().CheckMessage(read), "")
	}
}

// TestRememberedForOneAuthority has a message found good by one cluster, and then asks another.
func TestRememberedForOneAuthority(t *testing.T) {
	c := newCluster(t)
	m := signed(t, c, newKey(t))
	for range 2 {
		wantError(t, "its own", c.Authority().CheckMessage(m), "")
		wantError(t, "another", newCluster(t).Authority().CheckMessage(m), "another cluster")
	}
}

// TestLearn has a client that came in under the old authority, and one that came in under the new one,
// read messages of either.
func TestLearn(t *testing.T) {
	first := NewSecret()
	before, during := newCluster(t, first), newCluster(t, first.Rotate())
	meet := func(c *Cluster) (met *Authority) {
		_, err := handshake(t, c.nodeTLS(t, Server, "s"), newKey(t).TLS(func(a *Authority) error { met = a; return nil }))
		if err != nil {
			t.Fatal(err)
		}
		return met
	}
	of, under := signed(t, before, newKey(t)), signed(t, during, newKey(t))
	a := meet(before)
	wantError(t, "the old, as it was", a.CheckMessage(of), "")
	wantError(t, "the new, not known", a.CheckMessage(under), "another cluster")
	a.Learn(meet(newCluster(t)))
	wantError(t, "the new, after another was met", a.CheckMessage(under), "another cluster")
	a.Learn(meet(during))
	a.Learn(meet(before))
	wantError(t, "the old, later", a.CheckMessage(of), "")
	wantError(t, "the new, learned", a.CheckMessage(under), "")
	if got, want := a.Fingerprint(), during.Authority().Fingerprint(); got != want {
		t.Errorf("got %s, want the new one's, %s", got, want)
	}
	b := meet(during)
	wantError(t, "the old, vouched for", b.CheckMessage(of), "")
	if !b.Is(before.Authority().Fingerprint()) || b.Is(newCluster(t).Authority().Fingerprint()) {
		t.Error("got another answer, want it to be the old cluster, and no other")
	}
}

// TestRecent has many at once, and more than are kept.
func TestRecent(t *testing.T) {
	var r recent[int, int]
	r.put(-2, 2)
	var all sync.WaitGroup
	for from := range 4 {
		all.Go(func() {
			for i := from; i < 4*recentSize; i += 4 {
				r.put(i, -i)
				if got, ok := r.get(i); ok && got != -i {
					t.Errorf("got %d, want %d", got, -i)
				}
			}
		})
	}
	all.Wait()
	if n := len(r.new) + len(r.old); n > recentSize || n < recentSize/2 {
		t.Errorf("got %d entries, want %d to %d", n, recentSize/2, recentSize)
	}
	if _, ok := r.get(-2); ok {
		t.Error("got the first, want it forgotten")
	}
	r.put(-1, 1)
	if got, ok := r.get(-1); !ok || got != 1 {
		t.Errorf("got %d, %t, want 1", got, ok)
	}
}

// forget has all asked for anew, to measure it.
func (r *recent[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.new, r.old = nil, nil
}

func FuzzToken(f *testing.F) {
	c := newCluster(f)
	key := make(ed25519.PublicKey, 32)
	good := c.Grant("Tony", key, noon, time.Hour)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(c.Grant("", key, noon, -time.Hour))
	f.Add([]byte{tokenVersion})
	f.Fuzz(func(t *testing.T, token []byte) {
		claims, hint, ok := parseToken(token)
		if ok {
			again := appendClaims(nil, [32]byte(append(bytes.Clone(hint), make([]byte, 24)...)), claims)
			if !bytes.Equal(again, token[:len(token)-ed25519.SignatureSize]) {
				t.Errorf("got %x of %x, want the same", again, token)
			}
		}
		if _, err := c.Authority().CheckToken(token, noon, 0); err == nil && !bytes.Equal(token, good) {
			t.Errorf("got %x accepted, want it refused", token)
		}
	})
}

func BenchmarkGrant(b *testing.B) {
	c, k := newCluster(b), newKey(b)
	for b.Loop() {
		c.Grant("Tony", k.Public, noon, time.Hour)
	}
}

func BenchmarkSign(b *testing.B) {
	c, k := newCluster(b), newKey(b)
	m := signed(b, c, k)
	b.ReportAllocs()
	for b.Loop() {
		k.Sign(c.Authority(), m)
	}
}

// BenchmarkCheckToken: new is the first time, again is when it is remembered.
func BenchmarkCheckToken(b *testing.B) {
	c, k := newCluster(b), newKey(b)
	token := c.Grant("Tony", k.Public, noon, time.Hour)
	check := func(b *testing.B, forget func()) {
		b.ReportAllocs()
		for b.Loop() {
			forget()
			if _, err := c.Authority().CheckToken(token, noon, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("new", func(b *testing.B) { check(b, goodTokens.forget) })
	b.Run("again", func(b *testing.B) { check(b, func() {}) })
}

// BenchmarkCheckMessage: cold is the first message with a token, new the first time for the message, again
// when it is remembered, by whichever client of the process.
func BenchmarkCheckMessage(b *testing.B) {
	c, k := newCluster(b), newKey(b)
	m := signed(b, c, k)
	check := func(b *testing.B, forget func()) {
		b.ReportAllocs()
		for b.Loop() {
			forget()
			if err := c.Authority().CheckMessage(m); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("cold", func(b *testing.B) { check(b, func() { goodSigned.forget(); goodTokens.forget() }) })
	b.Run("new", func(b *testing.B) { check(b, goodSigned.forget) })
	b.Run("again", func(b *testing.B) { check(b, func() {}) })
}
