package dynamic

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// Read reads a value of type t from d, which name stands for in its errors, and returns its JSON, on one line.
// The error is that of d, or says that the JSON would be too long.
func Read(d *codec.Decoder, name string, t *idl.Type) ([]byte, error) {
	var r reader
	r.value(d, name, t)
	return r.result(d)
}

// ReadFields reads fields from d, one behind the other, as the parameters or results of a method stand in a message,
// and returns them as a JSON object on one line. Its errors are those of Read.
func ReadFields(d *codec.Decoder, fields []*idl.Field) ([]byte, error) {
	var r reader
	r.fields(d, fields)
	return r.result(d)
}

// ReadError reads what a declared error holds, as it goes over the wire, and returns it as a JSON object on one line.
// Its errors are those of Read.
func ReadError(d *codec.Decoder, decl *idl.Error) ([]byte, error) {
	var r reader
	r.record(d, decl.Name, decl.Fields)
	return r.result(d)
}

// A reader appends the JSON of what it reads to out, until that is too long.
type reader struct {
	out  []byte
	long bool
}

func (r *reader) result(d *codec.Decoder) ([]byte, error) {
	if err := d.Err(); err != nil {
		return nil, err
	}
	if r.long {
		return nil, fmt.Errorf("the value takes more than %d MiB of JSON", maxJSON>>20)
	}
	return r.out, nil
}

func (r *reader) value(d *codec.Decoder, name string, t *idl.Type) {
	if r.long = r.long || len(r.out) > maxJSON; r.long {
		return
	}
	switch t.Kind {
	case idl.List:
		r.list(d, name, t.Elem)
	case idl.Map:
		r.pairs(d, name, t)
	case idl.Optional:
		r.optional(d, name, t.Elem)
	case idl.Named:
		switch decl := t.Decl.(type) {
		case *idl.Enum:
			r.out = appendEnum(r.out, decl, d.Uint16(name))
		case *idl.Struct:
			r.record(d, name, decl.Fields)
		case *idl.Union:
			r.union(d, name, decl, "null")
		}
	default:
		r.scalar(d, name, t.Kind)
	}
}

func (r *reader) text(s string) { r.out = append(r.out, s...) }

// none is what is kept of a value in a list, a map or an optional: its JSON is in out.
type none struct{}

// keep returns a function for package codec that reads a t.
func (r *reader) keep(t *idl.Type) func(*codec.Decoder, string) none {
	return func(d *codec.Decoder, name string) none {
		r.value(d, name, t)
		return none{}
	}
}

func (r *reader) list(d *codec.Decoder, name string, elem *idl.Type) {
	r.text("[")
	between := ""
	codec.ReadSlice(d, name, elem.MinSize(), func(d *codec.Decoder, name string) none {
		r.text(between)
		between = ","
		return r.keep(elem)(d, name)
	})
	r.text("]")
}

// optional reads a presence and what follows. There null is absent, so a union that is present and holds nothing is {}.
func (r *reader) optional(d *codec.Decoder, name string, elem *idl.Type) {
	read := r.keep(elem)
	if union, ok := elem.Decl.(*idl.Union); ok {
		read = func(d *codec.Decoder, name string) none {
			r.union(d, name, union, "{}")
			return none{}
		}
	}
	if codec.ReadOptional(d, name, read) == nil {
		r.text("null")
	}
}

func (r *reader) record(d *codec.Decoder, name string, fields []*idl.Field) {
	body := d.Begin(name)
	r.fields(d, fields)
	d.End(body, name)
}

func (r *reader) fields(d *codec.Decoder, fields []*idl.Field) {
	r.text("{")
	between := ""
	for _, f := range fields {
		start := len(r.out)
		if !f.Removed() {
			r.text(between)
			r.out = append(appendString(r.out, f.Name), ':')
		}
		r.value(d, f.Name, f.Type)
		if f.Removed() {
			r.out = r.out[:start]
		} else {
			between = ","
		}
	}
	r.text("}")
}

// union reads a union; empty is the JSON of one that holds nothing.
func (r *reader) union(d *codec.Decoder, name string, decl *idl.Union, empty string) {
	tag, body := d.BeginCase(name)
	defer d.End(body, name)
	if tag == 0 {
		r.text(empty)
		return
	}
	for _, c := range decl.Cases {
		if c.Tag == tag {
			r.out = append(appendString(append(r.out, '{'), c.Name), ':')
			r.value(d, c.Name, c.Type)
			r.text("}")
			return
		}
	}
	r.text(`{"#` + strconv.Itoa(int(tag)) + `":"` + base64.StdEncoding.EncodeToString(d.Rest()) + `"}`)
}
