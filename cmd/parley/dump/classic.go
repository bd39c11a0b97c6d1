package dump

import (
	"encoding/binary"
	"fmt"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// Request shows data as a request of the classic form. It returns the method, nil if it is unknown.
func (p *Page) Request(data []byte) *idl.Method {
	method := p.Method
	if len(data) >= 4 {
		method = p.methods[binary.BigEndian.Uint16(data[2:])]
	}
	p.head("request in the classic form%s", named(method))
	data, after, ok := p.length(data, 2)
	if !ok {
		return nil
	}
	p.row(2, data[2:4], "type", p.methodText(binary.BigEndian.Uint16(data[2:])))
	p.fields(data, 4, method, nil)
	p.rest(len(data), after, "after the request")
	return method
}

// Response shows data as the response to a request for the method; nil if nobody knows which.
func (p *Page) Response(data []byte, method *idl.Method) {
	p.head("response in the classic form%s", named(method))
	data, after, ok := p.length(data, 2)
	if !ok {
		return
	}
	switch {
	case onlyText(data[2:], method):
		m := p.message(data[2:], 2, true)
		m.Value("error", stringType)
	case method == nil:
		p.rest(2, data[2:], "results of an unknown method, error")
	default:
		p.fields(data, 2, method, stringType)
	}
	p.rest(len(data), after, "after the response")
}

// onlyText reports whether a response is nothing but the text of an error: that of a peer that does not know the method, or
// could not make out which one is meant.
func onlyText(response []byte, method *idl.Method) bool {
	if method != nil {
		v := dynamic.NewVisitor(response, true, func(dynamic.Part) {})
		v.Fields(method.Results)
		v.Value("error", stringType)
		if v.Err() == nil {
			return false
		}
	}
	text, rest, err := codec.ReadString(response)
	return err == nil && len(rest) == 0 && text != ""
}

// length shows the length that data begins with, and splits what it counts from what comes after. There have to be least
// bytes.
func (p *Page) length(data []byte, least int) (counted, after []byte, ok bool) {
	if len(data) < 2 {
		p.wrong("length at offset 0: 2 bytes wanted, %s", only(len(data)))
		p.rest(0, data, "not read")
		return nil, nil, false
	}
	size := int(binary.BigEndian.Uint16(data))
	p.row(0, data[:2], "length", fmt.Sprint(size))
	end := min(2+size, len(data))
	if 2+size > len(data) {
		p.wrong("length at offset 0: %d bytes are to follow, %s", size, only(len(data)-2))
	}
	if end < 2+least {
		p.wrong("offset 2: %d bytes wanted, %s", least, only(end-2))
		p.rest(2, data[2:], "not read")
		return nil, nil, false
	}
	return data[:end], data[end:], true
}

// fields shows what stands in the message behind its first bytes: parameters, or results and the error behind them, if
// that has a type.
func (p *Page) fields(data []byte, from int, method *idl.Method, failure *idl.Type) {
	if method == nil {
		p.rest(from, data[from:], "parameters")
		return
	}
	m := p.message(data[from:], from, true)
	if failure == nil {
		m.Fields(method.Params)
	} else {
		m.Fields(method.Results)
		m.Value("error", failure)
	}
	m.end("more, which the schema does not know")
}

// only says how many bytes remain.
func only(n int) string {
	switch n {
	case 0:
		return "none remain"
	case 1:
		return "only 1 remains"
	}
	return fmt.Sprintf("only %d remain", n)
}

// named returns the name of a method behind a comma, nothing for nil.
func named(m *idl.Method) string {
	if m == nil {
		return ""
	}
	return ", " + m.Service.FullName() + "." + m.Name
}

// methodText says which method has the number.
func (p *Page) methodText(number uint16) string {
	if m := p.methods[number]; m != nil {
		return m.Service.FullName() + "." + m.Name
	}
	return fmt.Sprintf("service %d, method %d, which the packages do not have", number>>8, number&0xFF)
}
