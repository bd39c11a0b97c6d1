package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
)

const (
	clientSize    = 16
	clientPurpose = "justchat client v1\n"
)

// A Key is a client's own, for one process. Its methods may be called at once.
type Key struct {
	Public ed25519.PublicKey
	Client []byte // the 16 bytes of the process, which follow from Public; only to be read

	private     ed25519.PrivateKey
	certificate tls.Certificate
}

// NewKey makes a key.
func NewKey() (*Key, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := signSelf(private)
	if err != nil {
		return nil, err
	}
	return &Key{
		Public:      public,
		Client:      clientOf(public),
		private:     private,
		certificate: tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: private},
	}, nil
}

// clientOf returns the bytes of the process that has a key. They follow from it so that nobody can use
// up the numbers of somebody else, whose messages would then be taken for repetitions.
func clientOf(public ed25519.PublicKey) []byte {
	sum := sha256.Sum256(append([]byte(clientPurpose), public...))
	return sum[:clientSize]
}
