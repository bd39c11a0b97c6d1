// Package dump shows bytes of the wire part by part: where each begins, its bytes, which field it is, and its value.
//
// A Page takes a single value, a request or response of the classic form (classic.go), frames of the session form
// (session.go, payload.go), or a whole TCP connection in either (connection.go). What is wrong with the bytes is said
// where it stands, with its field path and its offset; what comes behind it is shown as bytes alone.
package dump

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// Options say what a Page shows, and what it cannot see from the bytes.
type Options struct {
	Full       bool        // all bytes of long values, rather than their beginning
	Method     *idl.Method // of calls whose beginning is not there; nil if nobody knows
	FromCallee bool        // bytes that come without a connection are what the callee sent
}

// A Page is written part by part; see Close.
type Page struct {
	Options
	w       *bufio.Writer
	methods map[uint16]*idl.Method
	errors  map[string]*idl.Error

	mistakes, connections int // shown
}

// New returns a Page that is written to w, for bytes that follow the schema.
func New(w io.Writer, schema *idl.Schema, options Options) *Page {
	p := &Page{options, bufio.NewWriter(w), map[uint16]*idl.Method{}, map[string]*idl.Error{}, 0, 0}
	fmt.Fprintf(p.w, "%6s  %-23s  %-24s  %s\n", "offset", "bytes", "field", "value")
	for _, m := range metaMethods() {
		p.methods[m.WireType()] = m
	}
	for _, pkg := range schema.Packages {
		for decl := range pkg.Decls() {
			switch decl := decl.(type) {
			case *idl.Service:
				for _, m := range decl.Methods {
					p.methods[m.WireType()] = m
				}
			case *idl.Error:
				p.errors[decl.FullName()] = decl
			}
		}
	}
	return p
}

// Close writes what is left and returns how many mistakes the page shows.
func (p *Page) Close() (mistakes int, err error) { return p.mistakes, p.w.Flush() }

// Value shows data as a value of type t, which name stands for.
func (p *Page) Value(data []byte, name string, t *idl.Type) {
	p.head("value, %s", name)
	m := p.message(data, 0, true)
	m.Value(name, t)
	m.end("after the value")
}

// Mistake says that something is wrong with what the bytes come from.
func (p *Page) Mistake(err error) { p.wrong("%v", err) }

// head begins what belongs together.
func (p *Page) head(format string, args ...any) {
	fmt.Fprintf(p.w, "%s\n", fmt.Sprintf(format, args...))
}

// wrong says what is wrong with the bytes before or behind it.
func (p *Page) wrong(format string, args ...any) {
	p.mistakes++
	fmt.Fprintf(p.w, "     !  %s\n", clean(fmt.Sprintf(format, args...)))
}

// Widths of what a row shows, and how many of the bytes of a value.
const (
	perRow   = 8
	mostRows = 8
	mostText = 100
)

// row shows a part: its offset, bytes, name and value; its bytes go on below.
func (p *Page) row(offset int, data []byte, name, value string) {
	shown := data
	if !p.Full && len(shown) > perRow*mostRows {
		shown = shown[:perRow*(mostRows-1)]
	}
	line := shown[:min(perRow, len(shown))]
	text := fmt.Sprintf("%6d  %-23s  %-24s  %s", offset, fmt.Sprintf("% x", line), name, clean(value))
	fmt.Fprintln(p.w, strings.TrimRight(text, " "))
	for at := perRow; at < len(shown); at += perRow {
		fmt.Fprintf(p.w, "%6d  % x\n", offset+at, shown[at:min(at+perRow, len(shown))])
	}
	if more := len(data) - len(shown); more > 0 {
		fmt.Fprintf(p.w, "        … %d more bytes\n", more)
	}
}

// rest shows bytes that nothing more is known about.
func (p *Page) rest(offset int, data []byte, name string) {
	if len(data) > 0 {
		p.row(offset, data, name, "")
	}
}

// clean returns text without what a terminal would obey, and only the beginning if it is long.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 {
			return utf8.RuneError
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) > mostText {
		text = string([]rune(text)[:mostText]) + "…"
	}
	return text
}

// A message is one that is shown: a Visitor that writes rows.
type message struct {
	*dynamic.Visitor
	page   *Page
	data   []byte
	base   int    // the offset that its first byte has on the page
	say    string // in place of what the next part says
	broken bool   // something that has to be there is not
}

func (p *Page) message(data []byte, base int, strict bool) *message {
	m := &message{page: p, data: data, base: base}
	m.Visitor = dynamic.NewVisitor(data, strict, func(part dynamic.Part) {
		if m.say != "" {
			part.Text, m.say = m.say, ""
		}
		p.row(base+part.Start, data[part.Start:part.End], part.Path, part.Text)
	})
	return m
}

// need shows a value that has to be there, and reports whether it is.
func (m *message) need(name string, t *idl.Type) bool {
	if m.broken || m.Err() != nil {
		return false
	}
	at := m.Offset()
	m.Value(name, t)
	if m.Err() == nil && m.Offset() == at {
		m.page.wrong("%s at offset %d: missing", name, m.base+at)
		m.broken = true
	}
	return m.Err() == nil && !m.broken
}

// end says what was wrong, and shows what was not read.
func (m *message) end(rest string) {
	if wrong, ok := errors.AsType[*codec.Error](m.Err()); ok {
		shifted := *wrong
		shifted.Offset += m.base
		m.page.wrong("%s", shifted.Error())
		rest = "not read"
	}
	m.page.rest(m.base+m.Offset(), m.data[m.Offset():], rest)
}

// The types of what stands around parameters and results.
var (
	uint16Type   = &idl.Type{Kind: idl.Uint16}
	uint32Type   = &idl.Type{Kind: idl.Uint32}
	stringType   = &idl.Type{Kind: idl.String}
	metadataType = &idl.Type{Kind: idl.Map, Key: stringType, Elem: stringType}
)
