package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
)

// An Authority is what a client knows of a cluster: the public key of its CA, and those
// of earlier ones that it still accepts. Its methods may be called at once.
type Authority struct {
	accepted atomic.Pointer[keyring] // what it points to never changes

	changing sync.Mutex // held to change accepted
}

// A keyring is the public keys whose signatures an Authority accepts, the current one first.
type keyring struct {
	keys []authorityKey
	id   [sha256.Size]byte // of the keys: two of the same id accept the same
}

// An authorityKey is one public key of a CA.
type authorityKey struct {
	public      ed25519.PublicKey
	fingerprint [sha256.Size]byte
}

func fingerprintOf(key ed25519.PublicKey) [sha256.Size]byte { return sha256.Sum256(key) }

// newAuthority takes the keys of the CA, the current one first.
func newAuthority(keys []ed25519.PublicKey) *Authority {
	accepted := make([]authorityKey, len(keys))
	for i, key := range keys {
		accepted[i] = authorityKey{key, fingerprintOf(key)}
	}
	a := new(Authority)
	a.accept(accepted)
	return a
}

func (a *Authority) keys() []authorityKey { return a.accepted.Load().keys }

// Fingerprint is the SHA-256 of the CA's public key, in hex.
func (a *Authority) Fingerprint() string { return hex.EncodeToString(a.keys()[0].fingerprint[:]) }

// fingerprints returns those of all keys, the current one first.
func (a *Authority) fingerprints() []string {
	var all []string
	for _, key := range a.keys() {
		all = append(all, hex.EncodeToString(key.fingerprint[:]))
	}
	return all
}

// Is reports whether the authority has that fingerprint, or follows one that has: the two
// vouch for each other. So it can be asked for a fingerprint that was learned in another way.
func (a *Authority) Is(fingerprint string) bool {
	return slices.Contains(a.fingerprints(), fingerprint)
}

// Learn tells a of an authority that was met later, and found good: if that one
// follows a's, it is a's from now on. A client that holds one Authority for all of its
// connections so understands the messages of users who came in under either.
func (a *Authority) Learn(met *Authority) {
	a.changing.Lock()
	defer a.changing.Unlock()
	mine, others := a.keys(), met.keys()
	if slices.ContainsFunc(others[1:], mine[0].equal) {
		a.accept(append(slices.Clone(others), mine...))
	}
}

// follow reports whether nodes under keys, of which the first is current, belong to
// the cluster of a node that has a. A successor of its own current authority is accepted from now on;
// one that only an old authority vouches for is not: the old secret may have been stolen.
func (a *Authority) follow(keys []ed25519.PublicKey) bool {
	if a.has(keys[0]) {
		return true
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	mine := a.keys()
	if !slices.ContainsFunc(keys[1:], func(old ed25519.PublicKey) bool { return bytes.Equal(old, mine[0].public) }) {
		return false
	}
	a.accept(append(slices.Clone(mine), authorityKey{keys[0], fingerprintOf(keys[0])}))
	return true
}

// accept sets the keys, each once and at most maxKeys. The caller holds changing, or nobody else has a yet.
func (a *Authority) accept(keys []authorityKey) {
	ring := new(keyring)
	var all []byte
	for _, key := range keys {
		if !slices.ContainsFunc(ring.keys, key.equal) && len(ring.keys) < maxKeys {
			ring.keys = append(ring.keys, key)
			all = append(all, key.public...)
		}
	}
	ring.id = sha256.Sum256(all)
	a.accepted.Store(ring)
}

// maxKeys bounds the keys of an Authority: its own with the old ones, and as many successors.
const maxKeys = 2 * (MaxOld + 1)

func (a *Authority) has(key ed25519.PublicKey) bool {
	return slices.ContainsFunc(a.keys(), func(one authorityKey) bool { return bytes.Equal(one.public, key) })
}

func (k authorityKey) equal(other authorityKey) bool { return bytes.Equal(k.public, other.public) }
