package identity

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"time"
)

// What keys are derived for. A purpose that changes makes another cluster.
const (
	forAuthority = "justchat authority v1"
	forHeartbeat = "justchat heartbeat v1"
)

// A Cluster is what a node makes of the secret. Its methods may be called at once.
type Cluster struct {
	key       ed25519.PrivateKey // of the current authority
	heartbeat []byte
	chain     [][]byte // the authority's certificates, as they follow a node's own
	authority *Authority
}

// NewCluster derives the cluster's keys and certificates: from the same secret come
// the same on every node. It returns what is wrong with the secret.
func NewCluster(secret Secret) (*Cluster, error) {
	if err := secret.check(); err != nil {
		return nil, err
	}
	var keys []ed25519.PrivateKey
	var public []ed25519.PublicKey
	for _, one := range secret.all() {
		seed, err := derive(one, forAuthority)
		if err != nil {
			return nil, err
		}
		key := ed25519.NewKeyFromSeed(seed)
		keys = append(keys, key)
		public = append(public, publicOf(key))
	}
	// The oldest secret is the one that a node that has not been given the new file yet
	// has too. A thief of it can do worse than forge heartbeats until it is taken out.
	oldest := secret.all()[len(secret.Old)]
	heartbeat, err := derive(oldest, forHeartbeat)
	if err != nil {
		return nil, err
	}
	chain, err := authorityChain(keys)
	if err != nil {
		return nil, err
	}
	return &Cluster{key: keys[0], heartbeat: heartbeat, chain: chain, authority: newAuthority(public)}, nil
}

// derive returns 32 bytes for a purpose. A FIPS module may refuse it, nothing else does.
func derive(secret []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, purpose, 32)
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// Authority is the public half. It is the same for all calls, and learns the authorities
// of nodes that have been given a new secret earlier.
func (c *Cluster) Authority() *Authority { return c.authority }

// HeartbeatKey is for the HMAC of heartbeats. It is only to be read. Nodes with old secrets take the
// oldest one for it, so that those that have the new secret and those that do not yet understand each other.
func (c *Cluster) HeartbeatKey() []byte { return c.heartbeat }

// Grant returns a token that lets user in until then, with that key: from now on for
// life, to the millisecond. It panics if key is no Ed25519 key. A user's name of more than 255
// bytes gives a token that nobody accepts; names.Check lets none through.
func (c *Cluster) Grant(user string, key ed25519.PublicKey, now time.Time, life time.Duration) []byte {
	if len(key) != ed25519.PublicKeySize {
		panic("identity: a token for what is no Ed25519 key")
	}
	token := appendClaims(nil, fingerprintOf(publicOf(c.key)), Claims{User: user, Key: key, Granted: now, Expires: now.Add(life)})
	return append(token, ed25519.Sign(c.key, tokenBytes(token))...)
}
