package dump

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// flagNames says the flags of a frame.
func flagNames(flags uint8) string {
	var set []string
	for i, name := range []string{"MORE", "END", "ERROR", "DEADLINE", "METADATA", "ACK"} {
		if flags&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	if set == nil {
		return "none"
	}
	return strings.Join(set, " ")
}

// payload shows the payload of a CALL, REPLY or ITEM, whose first byte is at an offset.
func (s *session) payload(fromServer bool, h frame.Header, payload []byte, at int) {
	switch h.Kind {
	case frame.Call:
		s.call(fromServer, h, payload, at)
	case frame.Reply:
		s.reply(h, payload, at)
	case frame.Item:
		s.item(fromServer, h, payload, at)
	}
}

func (s *session) call(fromServer bool, h frame.Header, payload []byte, at int) {
	c := call{fromServer: fromServer}
	m := s.message(payload, at, true)
	if len(payload) >= 2 {
		number := binary.BigEndian.Uint16(payload)
		c.method = s.methods[number]
		m.say = s.methodText(number)
	}
	s.calls[h.Call] = c
	ok := m.need("method", uint16Type)
	if ok && h.Flags&frame.FlagDeadline != 0 {
		if len(payload) >= 6 {
			m.say = fmt.Sprintf("%d ms left", binary.BigEndian.Uint32(payload[2:]))
		}
		ok = m.need("deadline", uint32Type)
	}
	if ok && h.Flags&frame.FlagMetadata != 0 {
		ok = m.need("metadata", metadataType)
	}
	if !ok || c.method == nil {
		m.end("parameters")
		return
	}
	params := s.message(payload[m.Offset():], at+m.Offset(), c.method.Service.Classic)
	params.Fields(c.method.Params)
	params.end("more, which the schema does not know")
}

func (s *session) reply(h frame.Header, payload []byte, at int) {
	method := s.methodOf(h)
	m := s.message(payload, at, true)
	ok := true
	if h.Flags&frame.FlagMetadata != 0 {
		ok = m.need("metadata", metadataType)
	}
	switch {
	case ok && h.Flags&frame.FlagError != 0:
		s.failure(m)
	case !ok || method == nil:
		m.end("results")
	default:
		results := s.message(payload[m.Offset():], at+m.Offset(), method.Service.Classic)
		results.Fields(method.Results)
		results.end("more, which the schema does not know")
	}
}

// failure shows the error in a REPLY.
func (s *session) failure(m *message) {
	m.code()
	m.need("message", stringType)
	at := m.Offset()
	if !m.need("name", stringType) {
		m.end("not read")
		return
	}
	if name, _, _ := codec.ReadString(m.data[at:]); s.errors[name] != nil {
		m.Error(s.errors[name])
	}
	m.end("body of the error")
}

// code shows the code of an error.
func (m *message) code() bool {
	if rest := m.data[m.Offset():]; len(rest) >= 2 {
		m.say = runtime.Code(binary.BigEndian.Uint16(rest)).String()
	}
	return m.need("code", uint16Type)
}

func (s *session) item(fromServer bool, h frame.Header, payload []byte, at int) {
	method := s.methodOf(h)
	if h.Flags&frame.FlagEnd != 0 || method == nil {
		s.rest(at, payload, "item")
		return
	}
	c, ok := s.calls[h.Call]
	if !ok { // the client's calls have odd numbers
		c.fromServer = h.Call%2 == 0
	}
	stream, other := method.ParamStream, method.ResultStream
	if fromServer != c.fromServer {
		stream, other = other, stream
	}
	if stream == nil {
		stream = other
	}
	if stream == nil {
		s.wrong("offset %d: the method has no streams", at)
		s.rest(at, payload, "item")
		return
	}
	m := s.message(payload, at, true)
	m.Value(stream.Name, stream.Type)
	m.end("more, which the schema does not know")
}

// control shows the payload of a frame that carries no message.
func (s *session) control(h frame.Header, payload []byte, at int) {
	m := s.message(payload, at, true)
	switch h.Kind {
	case frame.Hello:
		s.hello(payload, at)
		return
	case frame.Cancel:
		m.code()
		m.need("message", stringType)
	case frame.Credit:
		if len(payload) >= 4 {
			m.say = fmt.Sprintf("%d bytes more", binary.BigEndian.Uint32(payload))
		}
		m.need("credit", uint32Type)
	case frame.GoAway:
		m.need("last call", uint32Type)
		m.need("reason", stringType)
	case frame.Ping:
		s.rest(at, payload, "ping")
		return
	}
	m.end("more")
}

// settings are the names of what a HELLO sets, by their keys.
var settings = map[uint16]string{
	1: "largest message, in bytes",
	2: "stream window, in bytes",
	3: "most calls at once",
	4: "assembly limit, in bytes",
	5: "keepalive, in ms",
}

func (s *session) hello(payload []byte, at int) {
	_, err := frame.ParseHello(payload)
	if err != nil {
		s.wrong("offset %d: %v", at, err)
	}
	if len(payload) < 5 || string(payload[:4]) != "PRLY" {
		s.rest(at, payload, "not read")
		return
	}
	s.row(at, payload[:4], "magic", `"PRLY"`)
	s.row(at+4, payload[4:5], "version", fmt.Sprint(payload[4]))
	at, payload = at+5, payload[5:]
	for ; len(payload) >= 6; at, payload = at+6, payload[6:] {
		key := binary.BigEndian.Uint16(payload)
		name := settings[key]
		if name == "" {
			name = "unknown"
		}
		s.row(at, payload[:6], fmt.Sprintf("setting %d", key), fmt.Sprintf("%d (%s)", binary.BigEndian.Uint32(payload[2:]), name))
	}
	s.rest(at, payload, "not read")
}
