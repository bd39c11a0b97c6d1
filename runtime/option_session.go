package runtime

import (
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// The options here set the limits of sessions. Each side tells the other its own when
// they meet, so a side is bounded by what the other accepts.

type limitOption func(*transport.SessionConfig)

func (o limitOption) applyToServer(s *Server) { o(&s.config) }
func (o limitOption) applyToClient(c *Client) { o(&c.config) }

// WithMaxMessage sets how large a message may be, in bytes, that this side accepts: the
// parameters of a call, its results, or one item of a stream, with their metadata. A larger one is not
// sent; who means to send it gets [CodeResourceExhausted]. The default is 4 MiB, which zero and less
// stand for too; the least is 1 MiB.
func WithMaxMessage(bytes int) SessionOption {
	return limitOption(func(c *transport.SessionConfig) { c.MaxMessage = max(bytes, 0) })
}

// WithMaxAssembly bounds the memory, in bytes on each session, for messages of which some frames have
// come to this side and some have not; their senders wait for one another. The default
// is 8 MiB, which zero and less stand for too; the least is what [WithMaxMessage] says.
func WithMaxAssembly(bytes int) SessionOption {
	return limitOption(func(c *transport.SessionConfig) { c.MaxAssembly = max(bytes, 0) })
}

// WithStreamWindow bounds what may have come to this side of one stream, in bytes, and not have been
// taken by its loop; the sender waits. A line that is fast and far away
// needs as much as it carries in the time of a round trip. The default is 256 KiB, which zero and less
// stand for too; the least is 64 KiB.
func WithStreamWindow(bytes int) SessionOption {
	return limitOption(func(c *transport.SessionConfig) { c.Window = max(bytes, 0) })
}

// WithMaxCalls bounds the calls of the peer on each session that this side has not answered
// yet, those with streams among them. Further ones wait at the peer. The default is 1,024, which zero and
// less stand for too; the least is 64.
//
// A call holds its parameters, and of each of its streams a window and one more item, until its
// handler has returned. So a peer that means harm can have one session hold this many times as much,
// of [WithMaxMessage] and [WithStreamWindow]: a server for strangers sets them low.
func WithMaxCalls(n int) SessionOption {
	return limitOption(func(c *transport.SessionConfig) { c.MaxCalls = max(n, 0) })
}

// WithKeepalive sets how long the peer of a session may be silent before it is asked whether it is
// there; after as long again without a byte the connection is taken for broken, and so is one on
// which a write stands still for twice as long. The default is 30 seconds, which zero stands
// for too; below zero is never.
func WithKeepalive(d time.Duration) SessionOption {
	return limitOption(func(c *transport.SessionConfig) { c.Keepalive = d })
}
