package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/parley-rpc/parley/generated/justchat"
)

// What a client signs of an offer, as of a message:
//
//	offerPurpose | the authority's fingerprint, 32 bytes | from | to | client | number, 8 bytes |
//	name | size, 8 bytes | sha256 | sent: seconds since 1970, 8 bytes, nanoseconds, 4 bytes
const offerPurpose = "justchat offer v1\n"

func appendOffer(buf []byte, cluster [sha256.Size]byte, o *justchat.Offer) []byte {
	buf = appendHead(buf, offerPurpose, cluster)
	buf = appendText(buf, o.From)
	buf = appendText(buf, o.To)
	buf = appendText(buf, o.Client)
	buf = binary.BigEndian.AppendUint64(buf, o.Number)
	buf = appendText(buf, o.Name)
	buf = binary.BigEndian.AppendUint64(buf, o.Size)
	buf = appendText(buf, o.SHA256)
	return appendTime(buf, o.Sent)
}

// SignOffer is Sign for the offer of a file.
func (k *Key) SignOffer(a *Authority, o *justchat.Offer) {
	o.Client = k.Client
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = appendOffer((*buf)[:0], a.keys()[0].fingerprint, o)
	o.Signature = ed25519.Sign(k.private, *buf)
}

// CheckOffer is CheckMessage for the offer of a file. Of one that is good SHA256 has 32 bytes, and Size is no more than an int64
// holds. What its name may be is for names.CheckFile.
func (a *Authority) CheckOffer(o *justchat.Offer) error {
	switch {
	case len(o.SHA256) != sha256.Size:
		return fmt.Errorf("its SHA-256 has %d bytes, not %d", len(o.SHA256), sha256.Size)
	case o.Size > math.MaxInt64:
		return fmt.Errorf("its size of %d bytes is more than a file has", o.Size)
	}
	ring := a.accepted.Load()
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = appendOffer((*buf)[:0], ring.id, o)
	return ring.check(buf, offerPurpose, author{o.From, o.Client, o.Token, o.Signature})
}
