package main

import (
	"encoding/json"
	"io"

	"github.com/parley-rpc/parley/idl"
)

// The JSON of parley describe -json. What is not there is false, 0, "" or empty, but for numbers.
type (
	describedServer struct {
		Services []describedService `json:"services"`
		Types    []describedType    `json:"types"` // what the services refer to
	}
	describedService struct {
		described
		Number  uint8             `json:"number"`
		Classic bool              `json:"classic,omitempty"`
		Methods []describedMethod `json:"methods"`
	}
	describedMethod struct {
		described
		Number       uint8            `json:"number"`
		WireType     uint16           `json:"wireType"`
		Params       []describedField `json:"params"`
		ParamStream  *describedField  `json:"paramStream,omitempty"`
		Results      []describedField `json:"results"`
		ResultStream *describedField  `json:"resultStream,omitempty"`
		Throws       []string         `json:"throws,omitempty"`
		Idempotent   bool             `json:"idempotent,omitempty"`
		Borrowed     bool             `json:"borrowed,omitempty"`
		Timeout      string           `json:"timeout,omitempty"`
	}
	describedType struct {
		described
		Kind   string            `json:"kind"` // enum, struct, union or error
		Code   string            `json:"code,omitempty"`
		Fields []describedField  `json:"fields,omitempty"` // with removed ones, called _
		Cases  []describedField  `json:"cases,omitempty"`
		Values []describedNumber `json:"values,omitempty"`
	}
	describedField struct {
		described
		Tag  uint16 `json:"tag,omitempty"` // of a union's case
		Type string `json:"type"`
	}
	describedNumber struct {
		described
		Number uint16 `json:"number"`
	}
	described struct {
		Name       string `json:"name"` // of services and types the full name, as in what has the type
		Doc        string `json:"doc,omitempty"`
		Deprecated string `json:"deprecated,omitempty"`
	}
)

// printJSON prints the excerpt as JSON.
func (e *excerpt) printJSON(w io.Writer) error {
	server := describedServer{Services: []describedService{}, Types: []describedType{}}
	for _, p := range e.schema.Packages {
		for d := range p.Decls() {
			service, ok := d.(*idl.Service)
			switch only := e.methods[service]; {
			case ok && e.decls[d]:
				server.Services = append(server.Services, describeService(service, service.Methods))
			case ok && only != nil:
				server.Services = append(server.Services, describeService(service, []*idl.Method{only}))
			case !ok && e.decls[d]:
				if t, ok := describeType(d); ok {
					server.Types = append(server.Types, t)
				}
			}
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(server)
}

func describe(c *idl.Common, name string) described { return described{name, c.Doc, c.Deprecated} }

func describeService(s *idl.Service, methods []*idl.Method) describedService {
	d := describedService{described: describe(&s.Common, s.FullName()), Number: s.Number, Classic: s.Classic}
	for _, m := range methods {
		method := describedMethod{
			described: describe(&m.Common, m.Name), Number: m.Number, WireType: m.WireType(), Idempotent: m.Idempotent, Borrowed: m.Borrowed,
			Params: describeFields(m.Params), ParamStream: describeStream(m.ParamStream),
			Results: describeFields(m.Results), ResultStream: describeStream(m.ResultStream),
		}
		for _, thrown := range m.Throws {
			method.Throws = append(method.Throws, thrown.FullName())
		}
		if m.Timeout != 0 {
			method.Timeout = m.Timeout.String()
		}
		d.Methods = append(d.Methods, method)
	}
	return d
}

// describeType reports false for a constant, which is no type.
func describeType(decl idl.Decl) (describedType, bool) {
	t := describedType{described: describe(decl.Base(), decl.Base().FullName())}
	switch d := decl.(type) {
	case *idl.Struct:
		t.Kind, t.Fields = "struct", describeFields(d.Fields)
	case *idl.Error:
		t.Kind, t.Code, t.Fields = "error", d.Code, describeFields(d.Fields)
	case *idl.Union:
		t.Kind = "union"
		for _, c := range d.Cases {
			t.Cases = append(t.Cases, describedField{describe(&c.Common, c.Name), c.Tag, fullType(c.Type)})
		}
	case *idl.Enum:
		t.Kind = "enum"
		for _, v := range d.Values {
			t.Values = append(t.Values, describedNumber{describe(&v.Common, v.Name), v.Number})
		}
	}
	return t, t.Kind != ""
}

func describeFields(fields []*idl.Field) []describedField {
	described := []describedField{}
	for _, f := range fields {
		described = append(described, describedField{described: describe(&f.Common, f.Name), Type: fullType(f.Type)})
	}
	return described
}

func describeStream(f *idl.Field) *describedField {
	if f == nil {
		return nil
	}
	return &describeFields([]*idl.Field{f})[0]
}

// fullType returns t as the IDL writes it, with full names: "[]room/member.Member".
func fullType(t *idl.Type) string {
	switch t.Kind {
	case idl.List:
		return "[]" + fullType(t.Elem)
	case idl.Map:
		return "map[" + fullType(t.Key) + "]" + fullType(t.Elem)
	case idl.Optional:
		return "?" + fullType(t.Elem)
	case idl.Named:
		return t.Decl.Base().FullName()
	}
	return t.String()
}
