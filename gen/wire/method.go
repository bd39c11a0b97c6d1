package wire

import (
	"fmt"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// writeMethod writes how a call of m looks, in the session form and in the classic one if m has it.
func writeMethod(page *strings.Builder, m *idl.Method) {
	heading(page, m.Service.FullName()+"."+m.Name, "=")
	fmt.Fprintf(page, "\n%s\n", signature(m))
	fmt.Fprintf(page, "\nService %d, method %d: on the wire %04x.", m.Service.Number, m.Number, m.WireType())
	if m.Idempotent {
		page.WriteString(" It is idempotent: it may be sent again after a broken line.")
	}
	if m.Timeout > 0 {
		fmt.Fprintf(page, " The caller gives it %s unless told otherwise.", m.Timeout)
	}
	page.WriteString("\n")
	if m.Service.Classic {
		writeClassic(page, m)
	}
	writeSession(page, m)
}

// writeSession writes the frames of a call.
func writeSession(page *strings.Builder, m *idl.Method) {
	heading(page, "Session form", "-")
	call := frame("02", "00", hexCell("method", m.WireType()))
	message(page, "CALL, from the caller:", append(call, cells(m.Params)...), "Parameters, behind method:", fields(m.Params), "none")
	if m.ParamStream != nil {
		item(page, "ITEM, from the caller, any number after its CALL; then one with flags 02 and nothing behind the header:", m.ParamStream)
	}
	if m.ResultStream != nil {
		item(page, "ITEM, from the callee, any number before its REPLY:", m.ResultStream)
	}
	message(page, "REPLY, from the callee, when all went well:", append(frame("03", "00"), cells(m.Results)...), "Results, behind the header:", fields(m.Results), "none")
	failure := append(frame("03", "04"), cell{"code", "uint16", 2}, cell{"message", "string", -1}, cell{"name", "string", -1}, cell{"body", "to the end", -1})
	message(page, "REPLY, from the callee, when it failed:", failure, "", nil, "")
	writeErrors(page, m)
}

// writeErrors writes what stands in a REPLY for the errors that m declares.
func writeErrors(page *strings.Builder, m *idl.Method) {
	page.WriteString("\n")
	for _, e := range m.Throws {
		fmt.Fprintf(page, "  code %d (%s), name %q, body: error %s, below\n", codeNumber(e.Code), e.Code, e.FullName(), e.FullName())
	}
	page.WriteString("  any other: a code, name and body are empty\n")
}

// writeClassic writes the request and the response.
func writeClassic(page *strings.Builder, m *idl.Method) {
	heading(page, "Classic form", "-")
	length := cell{"length", "uint16", 2}
	request := append([]cell{length, hexCell("type", m.WireType())}, cells(m.Params)...)
	message(page, "Request; length counts what follows it:", request, "Parameters, behind type:", fields(m.Params), "none")
	response := append(append([]cell{length}, cells(m.Results)...), cell{"error", "string", -1})
	message(page, "Response; error is empty when all went well, else its text, and the results are zero:", response, "Results, behind length:", fields(m.Results), "none")
}

func item(page *strings.Builder, title string, stream *idl.Field) {
	message(page, title, append(frame("04", "00"), cells([]*idl.Field{stream})...), "Item, behind the header:", single(stream.Name, stream.Type), "")
}

// message writes the boxes of a message, and the table of the values in it unless that is nil.
func message(page *strings.Builder, title string, boxes []cell, about string, values *layout, nothing string) {
	fmt.Fprintf(page, "\n%s\n\n%s", title, strip(boxes))
	if values != nil {
		fmt.Fprintf(page, "\n%s\n", about)
		values.write(page, nothing)
	}
}

// frame returns the boxes of a frame's header, and those that follow.
func frame(kind, flags string, payload ...cell) []cell {
	return append([]cell{{"length", "uint16", 2}, {"kind", kind, 1}, {"flags", flags, 1}, {"call", "uint32", 4}}, payload...)
}

func hexCell(name string, n uint16) cell {
	return cell{name, fmt.Sprintf("%02x %02x", n>>8, n&0xff), 2}
}

// cells returns a box for each field.
func cells(list []*idl.Field) []cell {
	var boxes []cell
	for _, f := range list {
		boxes = append(boxes, cell{f.Name, f.Type.String(), fixedSize(f.Type)})
	}
	return boxes
}

// fixedSize returns how many bytes each value of type t takes, -1 if that varies.
func fixedSize(t *idl.Type) int {
	switch t.Kind {
	case idl.String, idl.Bytes, idl.List, idl.Map, idl.Optional:
		return -1
	case idl.Named:
		if _, enum := t.Decl.(*idl.Enum); !enum {
			return -1
		}
	}
	return t.MinSize()
}

// signature returns m as the language writes it.
func signature(m *idl.Method) string {
	text := m.Name + "(" + list(m.Params, m.ParamStream) + ")"
	if len(m.Results) > 0 || m.ResultStream != nil {
		text += " (" + list(m.Results, m.ResultStream) + ")"
	}
	for i, e := range m.Throws {
		if i == 0 {
			text += " throws "
		} else {
			text += ", "
		}
		text += e.File.Package.Name + "." + e.Name
	}
	return text
}

func list(fields []*idl.Field, stream *idl.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Name+" "+f.Type.String())
	}
	if stream != nil {
		all = append(all, stream.Name+" stream "+stream.Type.String())
	}
	return strings.Join(all, ", ")
}
