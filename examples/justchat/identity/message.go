package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/parley-rpc/parley/generated/justchat"
)

// What a client signs of a message, big-endian; a text is preceded by its length in 4 bytes:
//
//	messagePurpose | the authority's fingerprint, 32 bytes | from | to | client | number, 8 bytes |
//	text | sent: seconds since 1970, 8 bytes, nanoseconds, 4 bytes
const messagePurpose = "justchat message v1\n"

// buffers are for what is signed and hashed, so that checking a message leaves no garbage.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func appendSigned(buf []byte, cluster [sha256.Size]byte, m *justchat.Message) []byte {
	buf = append(buf, messagePurpose...)
	buf = append(buf, cluster[:]...)
	buf = appendText(buf, m.From)
	buf = appendText(buf, m.To)
	buf = appendText(buf, m.Client)
	buf = binary.BigEndian.AppendUint64(buf, m.Number)
	buf = appendText(buf, m.Text)
	buf = binary.BigEndian.AppendUint64(buf, uint64(m.Sent.Unix()))
	return binary.BigEndian.AppendUint32(buf, uint32(m.Sent.Nanosecond()))
}

func appendText[T string | []byte](buf []byte, text T) []byte {
	return append(binary.BigEndian.AppendUint32(buf, uint32(len(text))), text...)
}

// CheckMessage says whether m is by the user whose name it bears: the token binds that name to
// a key (whether it has expired meanwhile is not asked) and the key signed m, for this cluster. The error
// says why it is not; over the token it is a *justchat.BadToken. The answer for the messages of late
// is remembered, so that many clients in one process check each once.
func (a *Authority) CheckMessage(m *justchat.Message) error {
	ring := a.accepted.Load()
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = appendSigned((*buf)[:0], ring.id, m)
	signed := len(*buf)
	*buf = appendText(appendText(*buf, m.Token), m.Signature)
	sum := sha256.Sum256(*buf)
	if _, good := goodMessages.get(sum); good {
		return nil
	}
	if err := ring.checkMessage(m, (*buf)[:signed]); err != nil {
		return err
	}
	goodMessages.put(sum, struct{}{})
	return nil
}

// checkMessage checks m anew. Signed is what is signed of it, with the id in the place of a fingerprint.
func (r *keyring) checkMessage(m *justchat.Message, signed []byte) error {
	claims, err := r.claims(m.Token)
	if err != nil {
		return err
	}
	switch {
	case claims.User != m.From:
		return fmt.Errorf("its token is of %q", claims.User)
	case len(m.Client) != clientSize:
		return fmt.Errorf("its client has %d bytes, not %d", len(m.Client), clientSize)
	case len(m.Signature) != ed25519.SignatureSize:
		return errors.New("it has no signature")
	}
	for _, key := range r.keys { // one, but after a rotation
		copy(signed[len(messagePurpose):], key.fingerprint[:])
		if !ed25519.Verify(claims.Key, signed, m.Signature) {
			continue
		}
		if !bytes.Equal(m.Client, clientOf(claims.Key)) {
			return errors.New("its client is of another key than the one in its token")
		}
		return nil
	}
	return errors.New("its signature is not of the key in its token")
}
