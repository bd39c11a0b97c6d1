package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"

	"github.com/parley-rpc/parley/generated/justchat"
)

// What a client signs of a message, big-endian; a text is preceded by its length in 4 bytes:
//
//	messagePurpose | the authority's fingerprint, 32 bytes | from | to | client | number, 8 bytes |
//	text | sent: seconds since 1970, 8 bytes, nanoseconds, 4 bytes
const messagePurpose = "justchat message v1\n"

func appendMessage(buf []byte, cluster [sha256.Size]byte, m *justchat.Message) []byte {
	buf = appendHead(buf, messagePurpose, cluster)
	buf = appendText(buf, m.From)
	buf = appendText(buf, m.To)
	buf = appendText(buf, m.Client)
	buf = binary.BigEndian.AppendUint64(buf, m.Number)
	buf = appendText(buf, m.Text)
	return appendTime(buf, m.Sent)
}

// Sign fills in Client, which is shared with k, and Signature of m, for the cluster of a. The token is not signed,
// and may be set before or afterwards. All else has to be as it is sent.
func (k *Key) Sign(a *Authority, m *justchat.Message) {
	m.Client = k.Client
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = appendMessage((*buf)[:0], a.keys()[0].fingerprint, m)
	m.Signature = ed25519.Sign(k.private, *buf)
}

// CheckMessage says whether m is by the user whose name it bears: the token binds that name to
// a key (whether it has expired meanwhile is not asked) and the key signed m, for this cluster. The error
// says why it is not; over the token it is a *justchat.BadToken. The answer for the messages of late
// is remembered, so that many clients in one process check each once.
func (a *Authority) CheckMessage(m *justchat.Message) error {
	ring := a.accepted.Load()
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = appendMessage((*buf)[:0], ring.id, m)
	return ring.check(buf, messagePurpose, author{m.From, m.Client, m.Token, m.Signature})
}
