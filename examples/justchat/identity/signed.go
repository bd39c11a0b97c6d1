package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// buffers are for what is signed and hashed, so that checking a message leaves no garbage.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// appendHead appends what all that a client signs begins with: what it is, and the authority's fingerprint.
func appendHead(buf []byte, purpose string, cluster [sha256.Size]byte) []byte {
	return append(append(buf, purpose...), cluster[:]...)
}

func appendText[T string | []byte](buf []byte, text T) []byte {
	return append(binary.BigEndian.AppendUint32(buf, uint32(len(text))), text...)
}

func appendTime(buf []byte, t time.Time) []byte {
	buf = binary.BigEndian.AppendUint64(buf, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(buf, uint32(t.Nanosecond()))
}

// An author is whom something claims to be by, and what bears that out.
type author struct {
	user                     string
	client, token, signature []byte
}

// check says why what is signed is not by its author, or nil. It begins with the purpose and the keyring's id, in the place of a
// fingerprint, and is changed. What was found good of late is not checked again.
func (r *keyring) check(signed *[]byte, purpose string, by author) error {
	size := len(*signed)
	*signed = appendText(appendText(*signed, by.token), by.signature)
	sum := sha256.Sum256(*signed)
	if _, good := goodSigned.get(sum); good {
		return nil
	}
	if err := r.checkAnew((*signed)[:size], purpose, by); err != nil {
		return err
	}
	goodSigned.put(sum, struct{}{})
	return nil
}

func (r *keyring) checkAnew(signed []byte, purpose string, by author) error {
	claims, err := r.claims(by.token)
	if err != nil {
		return err
	}
	switch {
	case claims.User != by.user:
		return fmt.Errorf("its token is of %q", claims.User)
	case len(by.client) != clientSize:
		return fmt.Errorf("its client has %d bytes, not %d", len(by.client), clientSize)
	case len(by.signature) != ed25519.SignatureSize:
		return errors.New("it has no signature")
	}
	for _, key := range r.keys { // one, but after a rotation
		copy(signed[len(purpose):], key.fingerprint[:])
		if !ed25519.Verify(claims.Key, signed, by.signature) {
			continue
		}
		if !bytes.Equal(by.client, clientOf(claims.Key)) {
			return errors.New("its client is of another key than the one in its token")
		}
		return nil
	}
	return errors.New("its signature is not of the key in its token")
}
