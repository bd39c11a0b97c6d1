package identity

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// offered returns an offer of Tony's, with k and a token for it.
func offered(t testing.TB, c *Cluster, k *Key) *justchat.Offer {
	t.Helper()
	sum := sha256.Sum256([]byte("bytes"))
	o := &justchat.Offer{From: "Tony", To: "Robert", Number: 7, Name: "SELDOM_2016.png", Size: 5, SHA256: sum[:], Sent: noon.Add(123)}
	o.Token = c.Grant("Tony", k.Public, noon, 10*time.Minute)
	k.SignOffer(c.Authority(), o)
	return o
}

func TestCheckOffer(t *testing.T) {
	secret := NewSecret()
	c, k, other := newCluster(t, secret), newKey(t), newKey(t)
	for _, test := range []struct {
		what   string
		change func(*justchat.Offer)
		want   string
	}{
		{"as it was", func(*justchat.Offer) {}, ""},
		{"from", func(o *justchat.Offer) { o.From = "Elon" }, `of "Tony"`},
		{"from, with his token", func(o *justchat.Offer) { o.From, o.Token = "Elon", c.Grant("Elon", other.Public, noon, time.Hour) }, "not of the key"},
		{"to", func(o *justchat.Offer) { o.To = "" }, "not of the key"},
		{"client", func(o *justchat.Offer) { o.Client = other.Client }, "not of the key"},
		{"client's size", func(o *justchat.Offer) { o.Client = nil }, "0 bytes, not 16"},
		{"another's client and numbers", func(o *justchat.Offer) {
			thief := *k
			thief.Client = other.Client
			thief.SignOffer(c.Authority(), o)
		}, "its client is of another key"},
		{"number", func(o *justchat.Offer) { o.Number++ }, "not of the key"},
		{"name", func(o *justchat.Offer) { o.Name = "SELDOM_2016.exe" }, "not of the key"},
		{"where a field ends", func(o *justchat.Offer) {
			o.From, o.To = "Ton", "yRobert"
			o.Token = c.Grant("Ton", k.Public, noon, time.Hour)
		}, "not of the key"},
		{"size", func(o *justchat.Offer) { o.Size++ }, "not of the key"},
		{"a size beyond all", func(o *justchat.Offer) { o.Size = math.MaxInt64 + 1; k.SignOffer(c.Authority(), o) }, "more than a file has"},
		{"sha256", func(o *justchat.Offer) { o.SHA256[31] ^= 1 }, "not of the key"},
		{"a short sha256", func(o *justchat.Offer) { o.SHA256 = o.SHA256[:31]; k.SignOffer(c.Authority(), o) }, "31 bytes, not 32"},
		{"no sha256", func(o *justchat.Offer) { o.SHA256 = nil; k.SignOffer(c.Authority(), o) }, "0 bytes, not 32"},
		{"sent", func(o *justchat.Offer) { o.Sent = o.Sent.Add(1) }, "not of the key"},
		{"signature", func(o *justchat.Offer) { o.Signature = make([]byte, 64) }, "not of the key"},
		{"no signature", func(o *justchat.Offer) { o.Signature = nil }, "no signature"},
		{"signature of another", func(o *justchat.Offer) { other.SignOffer(c.Authority(), o) }, "not of the key"},
		{"no token", func(o *justchat.Offer) { o.Token = nil }, "it is empty"},
		{"a token of another cluster", func(o *justchat.Offer) { o.Token = newCluster(t).Grant("Tony", k.Public, noon, time.Hour) }, "another cluster"},
		{"signed for another cluster", func(o *justchat.Offer) { k.SignOffer(newCluster(t).Authority(), o) }, "not of the key"},
		{"another token of the same", func(o *justchat.Offer) { o.Token = c.Grant("Tony", k.Public, noon.Add(time.Hour), time.Hour) }, ""},
	} {
		o := offered(t, c, k)
		a := newCluster(t, secret).Authority()
		for range 2 { // the second time it may be remembered
			if err := a.CheckOffer(o); err != nil {
				t.Fatalf("got %v, want it good", err)
			}
		}
		test.change(o)
		for range 2 {
			wantError(t, test.what, a.CheckOffer(o), test.want)
		}
	}
}

// TestOfferIsNoMessage has what was signed as the one given for the other: their layouts are not told apart by chance.
func TestOfferIsNoMessage(t *testing.T) {
	c, k := newCluster(t), newKey(t)
	m := signed(t, c, k)
	o := offered(t, c, k)
	o.Signature = m.Signature
	wantError(t, "a message's signature", c.Authority().CheckOffer(o), "not of the key")
	m.Signature = offered(t, c, k).Signature
	wantError(t, "an offer's signature", c.Authority().CheckMessage(m), "not of the key")
}

func TestOfferOverWire(t *testing.T) {
	c, k := newCluster(t), newKey(t)
	for _, size := range []uint64{0, 1, math.MaxInt64} {
		o := offered(t, c, k)
		o.Size, o.Sent = size, time.Now()
		k.SignOffer(c.Authority(), o)
		data, _ := o.MarshalBinary()
		read := new(justchat.Offer)
		if err := read.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		wantError(t, fmt.Sprint(size), c.Authority().CheckOffer(read), "")
	}
}

// TestOfferAfterRotation: who has both secrets takes offers under either, and who has one takes those under it.
func TestOfferAfterRotation(t *testing.T) {
	first := NewSecret()
	second := first.Rotate()
	before, during, after := newCluster(t, first), newCluster(t, second), newCluster(t, Secret{Current: second.Current})
	k := newKey(t)
	for _, test := range []struct {
		what   string
		signer *Cluster
		reader *Cluster
		want   string
	}{
		{"old to both", before, during, ""},
		{"both to itself", during, during, ""},
		{"new to both", after, during, ""},
		{"both to new", during, after, ""},
		{"old to new", before, after, "another cluster"},
		{"new to old", after, before, "another cluster"},
	} {
		wantError(t, test.what, test.reader.Authority().CheckOffer(offered(t, test.signer, k)), test.want)
	}
}
