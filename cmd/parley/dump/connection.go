package dump

import (
	"bytes"
	"encoding/binary"

	"github.com/parley-rpc/parley/cmd/parley/capture"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// Connection shows what both sides of a TCP connection sent, in the order of the capture. Of one that seems to be in
// neither form it shows only how it begins. It reports whether it is in one.
func (p *Page) Connection(c *capture.Connection) bool {
	if p.connections++; p.connections > 1 {
		p.head("")
	}
	requests, responses := sent(c, false), sent(c, true)
	form := "neither the session form nor a request of the classic form that the packages have"
	known := true
	switch {
	case c.Whole && bytes.HasPrefix(requests, []byte(frame.Preface)),
		!c.Whole && (findFrame(requests) >= 0 || findFrame(responses) >= 0):
		form = "session form"
		p.head("%s > %s, %s", c.Client, c.Server, form)
		p.session(c)
	case p.isRequest(requests):
		p.head("%s > %s, classic form", c.Client, c.Server)
		p.exchange(requests, responses)
	case bytes.HasPrefix(requests, []byte("\x16\x03")):
		form, known = "TLS, which only its two ends can read", false
	default:
		known = false
	}
	if !known {
		p.head("%s > %s, %s", c.Client, c.Server, form)
		p.rest(0, requests[:min(len(requests), perRow)], "client")
		p.rest(0, responses[:min(len(responses), perRow)], "server")
	}
	return known
}

// sent returns the beginning of what one side sent, without what comes behind a loss: in the classic form that is all.
func sent(c *capture.Connection, fromServer bool) []byte {
	const most = 2 + 0xFFFF + 2
	var all []byte
	for _, chunk := range c.Chunks {
		if chunk.FromServer != fromServer {
			continue
		}
		if chunk.Lost > 0 || len(all) >= most {
			break
		}
		all = append(all, chunk.Data...)
	}
	return all
}

// isRequest reports whether data begins as a request for a method that is known.
func (p *Page) isRequest(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	m := p.methods[binary.BigEndian.Uint16(data[2:])]
	return m != nil && m.Service.Classic
}

// exchange shows the one call of a connection in the classic form.
func (p *Page) exchange(request, response []byte) {
	method := p.Request(request)
	if len(response) == 0 {
		p.head("no response was captured")
		return
	}
	p.Response(response, method)
}

// session shows the frames of both sides.
func (p *Page) session(c *capture.Connection) {
	s := p.newSession()
	s.sides[0].name, s.sides[1].name = "client: ", "server: "
	s.sides[0].adrift, s.sides[1].adrift = !c.Whole, !c.Whole
	for _, chunk := range c.Chunks {
		if chunk.Lost > 0 {
			s.lose(chunk.FromServer, chunk.Lost)
		}
		s.feed(chunk.FromServer, chunk.Data)
	}
	s.finish()
}
