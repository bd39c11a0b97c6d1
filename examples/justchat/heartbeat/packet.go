package heartbeat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

const (
	packetSize = 48
	signedSize = 32 // before the HMAC
	version    = 1
	kindPing   = 1
	kindAnswer = 2
	draining   = 1
)

// A nonce tells one ping from all others.
type nonce struct {
	node   uint32
	round  uint32
	random [12]byte
}

// A packet is a ping or an answer, as the package's doc lays it out.
type packet struct {
	kind  byte
	state State
	nonce nonce
}

// A codec writes and reads packets. It serves one goroutine at a time.
type codec struct{ mac hash.Hash }

func newCodec(key []byte) *codec { return &codec{hmac.New(sha256.New, key)} }

// append appends p to buf.
func (c *codec) append(buf []byte, p packet) []byte {
	start := len(buf)
	flags := byte(0)
	if p.state.Draining {
		flags = draining
	}
	buf = append(buf, 'J', 'C', 'H', 'B', version, p.kind, flags, 0)
	buf = binary.BigEndian.AppendUint32(buf, p.state.Clients)
	buf = binary.BigEndian.AppendUint32(buf, p.nonce.node)
	buf = binary.BigEndian.AppendUint32(buf, p.nonce.round)
	buf = append(buf, p.nonce.random[:]...)
	return append(buf, c.sum(buf[start:])...)
}

// read returns what data says, if it is a packet by someone who has the key.
func (c *codec) read(data []byte) (p packet, ok bool) {
	if len(data) != packetSize || string(data[:4]) != "JCHB" || data[4] != version {
		return packet{}, false
	}
	if !hmac.Equal(c.sum(data[:signedSize]), data[signedSize:]) {
		return packet{}, false
	}
	p.kind = data[5]
	p.state.Draining = data[6]&draining != 0
	p.state.Clients = binary.BigEndian.Uint32(data[8:])
	p.nonce.node = binary.BigEndian.Uint32(data[12:])
	p.nonce.round = binary.BigEndian.Uint32(data[16:])
	copy(p.nonce.random[:], data[20:signedSize])
	return p, true
}

func (c *codec) sum(data []byte) []byte {
	c.mac.Reset()
	c.mac.Write(data)
	return c.mac.Sum(nil)[:packetSize-signedSize]
}
