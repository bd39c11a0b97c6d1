package dynamic

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// A Part is a stretch of a message that means one thing: a value, or the length, count, presence or tag before one.
type Part struct {
	Path       string // of the value: `files[3].name`, `scores["bob"]`
	Start, End int    // where it begins in the message and where it ends, in bytes; the same for what is not sent
	Text       string // what it says, in characters that a terminal shows
}

// A Visitor goes through a message and hands over each part of it, in order: what Read makes JSON of, it takes apart.
// Its first error sticks, as that of a Decoder does: the parts before it have been handed over, and nothing comes
// after it.
type Visitor struct {
	d     codec.Decoder
	data  []byte
	at    int // end of what was handed over
	visit func(Part)
}

// NewVisitor returns a Visitor of the message; strict is that of a Decoder.
func NewVisitor(message []byte, strict bool, visit func(Part)) *Visitor {
	v := &Visitor{data: message, visit: visit}
	v.d.Reset(message, strict)
	return v
}

// Err returns why the message could not be read further, a [*codec.Error], or nil.
func (v *Visitor) Err() error { return v.d.Err() }

// Offset returns where what was handed over ends.
func (v *Visitor) Offset() int { return v.at }

// Value visits a value of type t, which name stands for in paths.
func (v *Visitor) Value(name string, t *idl.Type) { v.value(name, name, t) }

// Fields visits fields one behind the other, as the parameters or results of a method stand in a message.
func (v *Visitor) Fields(fields []*idl.Field) { v.fields("", fields) }

// Error visits what a declared error holds.
func (v *Visitor) Error(decl *idl.Error) { v.record(decl.Name, decl.Name, "error", decl.Fields) }

// part hands over what was read since the last part. Nothing is a value that is not sent.
func (v *Visitor) part(path, text string) { v.partTo(v.d.Offset(), path, text) }

func (v *Visitor) partTo(end int, path, text string) {
	if v.d.Err() == nil && end > v.at {
		start := v.at
		v.at = end
		v.visit(Part{path, start, end, text})
	}
}

// value visits a value: path is all of its path, name what a Decoder is told.
func (v *Visitor) value(path, name string, t *idl.Type) {
	switch t.Kind {
	case idl.List:
		v.list(path, name, t.Elem)
	case idl.Map:
		v.pairs(path, name, t)
	case idl.Optional:
		codec.ReadOptional(&v.d, name, func(_ *codec.Decoder, name string) none {
			v.part(path, "present")
			v.value(path, name, t.Elem)
			return none{}
		})
		v.part(path, "absent")
	case idl.Named:
		switch decl := t.Decl.(type) {
		case *idl.Enum:
			text := enumKey(decl)(v.d.Uint16(name))
			v.part(path, text)
		case *idl.Struct:
			v.record(path, name, "struct "+decl.Name, decl.Fields)
		case *idl.Union:
			v.union(path, name, decl)
		}
	default:
		v.scalar(path, name, t.Kind)
	}
}

func (v *Visitor) scalar(path, name string, kind idl.Kind) {
	if kind == idl.Bytes {
		v.part(path, counted(len(v.d.Bytes(name)), "byte"))
		return
	}
	var r reader
	r.scalar(&v.d, name, kind)
	text := string(r.out)
	if kind != idl.String {
		text = strings.Trim(text, `"`)
	}
	v.part(path, text)
}

func (v *Visitor) list(path, name string, elem *idl.Type) {
	i := 0
	codec.ReadSlice(&v.d, name, elem.MinSize(), func(_ *codec.Decoder, name string) none {
		if i == 0 {
			v.part(path, v.length(v.d.Offset(), "element"))
		}
		v.value(path+"["+strconv.Itoa(i)+"]", name, elem)
		i++
		return none{}
	})
	v.part(path, "no elements") // if it has some, there is nothing left of it
}

// length says the count that ends at the offset end.
func (v *Visitor) length(end int, what string) string {
	if v.d.Err() != nil || end-v.at < 2 {
		return ""
	}
	if end-v.at == 6 {
		return counted(int(binary.BigEndian.Uint32(v.data[end-4:])), what)
	}
	return counted(int(binary.BigEndian.Uint16(v.data[end-2:])), what)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func (v *Visitor) record(path, name, what string, fields []*idl.Field) {
	body := v.d.Begin(name)
	if v.d.Err() != nil || v.d.Offset() == v.at { // if it is not sent, what it holds is not, either
		v.d.End(body, name)
		return
	}
	v.part(path, what+" of "+v.length(v.d.Offset(), "byte"))
	v.fields(path, fields)
	v.end(path, name, body)
}

// end leaves a body, and visits what is in it that the schema does not know.
func (v *Visitor) end(path, name string, body codec.Body) {
	v.d.End(body, name)
	v.part(path, "more, which the schema does not know")
}

func (v *Visitor) fields(path string, fields []*idl.Field) {
	for i, f := range fields {
		inner := f.Name
		if path != "" {
			inner = path + "." + f.Name
		}
		start := v.at
		v.value(inner, f.Name, f.Type)
		if v.d.Err() != nil {
			return
		}
		if v.at == start { // those behind it are not sent, either
			v.visit(Part{path, start, start, "not sent, so zero: " + enumerate(names(fields[i:]))})
			return
		}
	}
}

func (v *Visitor) union(path, name string, decl *idl.Union) {
	tag, body := v.d.BeginCase(name)
	defer func() { v.end(path, name, body) }()
	if v.d.Err() != nil || v.d.Offset() == v.at {
		return
	}
	held := idl.Case{}
	for _, c := range decl.Cases {
		if c.Tag == tag {
			held = *c
		}
	}
	text := fmt.Sprintf("union %s, case %s", decl.Name, held.Name)
	switch {
	case tag == 0:
		text = "union " + decl.Name + " that holds nothing"
	case held.Type == nil:
		text = fmt.Sprintf("union %s, case %d, which the schema does not know", decl.Name, tag)
	}
	v.partTo(v.at+2, path, text)
	v.part(path, v.length(v.d.Offset(), "byte"))
	if held.Type != nil {
		v.value(path+"."+held.Name, held.Name, held.Type)
	}
}
