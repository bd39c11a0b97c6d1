package heartbeat

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestForgedAnswers: none of the answers that somebody without the key can make of what
// was on the wire says that the node lives.
func TestForgedAnswers(t *testing.T) {
	other := newCodec([]byte("another key"))
	var old [][]byte // answers that have counted
	for name, forge := range map[string]func(answer []byte) [][]byte{
		"none":           func([]byte) [][]byte { return nil },
		"another's key":  func(a []byte) [][]byte { p, _ := newCodec(key).read(a); return [][]byte{other.append(nil, p)} },
		"an old one":     func([]byte) [][]byte { return old },
		"too short":      func(a []byte) [][]byte { return [][]byte{a[:len(a)-1]} },
		"too long":       func(a []byte) [][]byte { return [][]byte{append(slices.Clone(a), 0)} },
		"no HMAC":        func(a []byte) [][]byte { return [][]byte{a[:signedSize]} },
		"empty":          func(a []byte) [][]byte { return [][]byte{{}} },
		"each bit wrong": flips,
		"a ping of mine": func(a []byte) [][]byte {
			p, _ := newCodec(key).read(a)
			return [][]byte{newCodec(key).append(nil, packet{kind: kindPing, nonce: p.nonce})}
		},
		"another round": func(a []byte) [][]byte { return wrong(a, func(n *nonce) { n.round-- }) },
		"another node":  func(a []byte) [][]byte { return wrong(a, func(n *nonce) { n.node++ }) },
		"a guess":       func(a []byte) [][]byte { return wrong(a, func(n *nonce) { n.random[11]++ }) },
	} {
		t.Run(name, func(t *testing.T) {
			old = nil
			pair(t, func(n *network, a *Monitor, j *jury) {
				n.set(func(_, to string, data []byte) [][]byte {
					if to == addressA {
						old = append(old, slices.Clone(data))
					}
					return [][]byte{data}
				})
				rounds(10)
				n.set(func(_, to string, data []byte) [][]byte {
					if to == addressA {
						return forge(data)
					}
					return [][]byte{data}
				})
				rounds(6)
				j.want(t, "b dead")
				n.set(nil)
				rounds(2)
				j.want(t, "b alive")
			})
		})
	}
}

// flips returns copies of data, each with another bit wrong.
func flips(data []byte) (wrong [][]byte) {
	for bit := range len(data) * 8 {
		flipped := slices.Clone(data)
		flipped[bit/8] ^= 1 << (bit % 8)
		wrong = append(wrong, flipped)
	}
	return wrong
}

// wrong returns the answer to another ping, as a node of the cluster would give it.
func wrong(answer []byte, change func(*nonce)) [][]byte {
	c := newCodec(key)
	p, _ := c.read(answer)
	change(&p.nonce)
	return [][]byte{c.append(nil, p)}
}

// TestSilentToStrangers: whatever is not a ping by someone who has the key gets no
// answer, and a ping gets one, no longer than itself.
func TestSilentToStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(network)
		m := New(n.listen(addressA), Config{Key: key})
		defer m.Close()
		stranger := n.listen(addressB)
		ping := newCodec(key).append(nil, packet{kind: kindPing, nonce: nonce{1, 2, [12]byte{3}}})
		strange := append(flips(ping), nil, ping[:47], append(slices.Clone(ping), 0),
			newCodec([]byte("another key")).append(nil, packet{kind: kindPing}),
			newCodec(key).append(nil, packet{kind: kindAnswer}),
			newCodec(key).append(nil, packet{kind: 3}))
		random := rand.New(rand.NewPCG(1, 1))
		for range 1000 {
			garbage := make([]byte, random.IntN(100))
			for i := range garbage {
				garbage[i] = byte(random.Uint32())
			}
			strange = append(strange, garbage, append([]byte("JCHB\x01\x01"), garbage...))
		}
		for _, data := range strange {
			stranger.WriteTo(data, m.conn.(*conn).address)
		}
		time.Sleep(time.Second)
		if got := len(stranger.in); got != 0 {
			t.Errorf("got %d answers, want none", got)
		}
		stranger.WriteTo(ping, m.conn.(*conn).address)
		time.Sleep(time.Second)
		if got := len(stranger.in); got != 1 {
			t.Fatalf("a true ping: got %d answers, want 1", got)
		}
		if got := (<-stranger.in).data; len(got) != len(ping) {
			t.Errorf("the answer has %d bytes, want %d", len(got), len(ping))
		}
	})
}

// TestPingsCannotBeForeseen: no two have the same random bytes.
func TestPingsCannotBeForeseen(t *testing.T) {
	seen := make(map[[12]byte]bool)
	pair(t, func(n *network, a *Monitor, j *jury) {
		a.Watch("b2", addressB)
		pings := 0
		n.set(func(_, to string, data []byte) [][]byte {
			if p, ok := newCodec(key).read(data); ok && to == addressB {
				seen[p.nonce.random] = true
				pings++
			}
			return nil
		})
		rounds(100)
		n.set(nil)
		if len(seen) != 200 || pings != 200 {
			t.Errorf("got %d different ones of %d, want 200 of 200", len(seen), pings)
		}
	})
}
