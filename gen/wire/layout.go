package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/parley-rpc/parley/idl"
)

// A layout is a table of the bytes of values that follow each other.
type layout struct {
	rows   [][4]string // offset, bytes, name, what it is
	offset int         // of the next byte, -1 if it varies
}

// fields returns the layout of fields, parameters or results, one after the other.
func fields(list []*idl.Field) *layout {
	l := &layout{}
	for _, f := range list {
		l.value(f.Name, f.Type, 0)
	}
	return l
}

// single returns the layout of one value.
func single(name string, t *idl.Type) *layout {
	l := &layout{}
	l.value(name, t, 0)
	return l
}

// add adds size bytes. What belongs to something above is indented by depth.
func (l *layout) add(size int, depth int, name, what string) {
	l.row(strconv.Itoa(size), depth, name, what)
	if l.offset >= 0 {
		l.offset += size
	}
}

// vary adds n bytes, where n was read just before.
func (l *layout) vary(depth int, what string) {
	l.row("n", depth, "", what)
	l.offset = -1
}

func (l *layout) row(size string, depth int, name, what string) {
	offset := "…"
	if l.offset >= 0 {
		offset = strconv.Itoa(l.offset)
	}
	l.rows = append(l.rows, [4]string{offset, size, strings.Repeat("  ", depth) + name, what})
}

// value adds a value of type t.
func (l *layout) value(name string, t *idl.Type, depth int) {
	switch t.Kind {
	case idl.Bool:
		l.add(1, depth, name, "bool: 00 or 01")
	case idl.String:
		l.add(2, depth, name, "string: length n")
		l.vary(depth, "text, usually UTF-8")
	case idl.Bytes:
		l.add(2, depth, name, "bytes: length n")
		l.vary(depth, "bytes")
	case idl.Time:
		l.add(8, depth, name, "time: int64, seconds since 1970-01-01T00:00:00Z")
		l.add(4, depth, "", "uint32, nanoseconds of that second, below 1,000,000,000")
	case idl.Duration:
		l.add(8, depth, name, "duration: int64, nanoseconds")
	case idl.List:
		l.add(2, depth, name, t.String()+": count, then so many times:")
		l.offset = -1
		l.value("element", t.Elem, depth+1)
	case idl.Map:
		l.add(2, depth, name, t.String()+": count, then so many times, keys ascending, none twice:")
		l.offset = -1
		l.value("key", t.Key, depth+1)
		l.value("value", t.Elem, depth+1)
	case idl.Optional:
		l.add(1, depth, name, t.String()+": 00 absent; 01 present, then:")
		l.value("value", t.Elem, depth+1)
		l.offset = -1
	case idl.Named:
		l.named(name, t, depth)
	default:
		l.add(t.MinSize(), depth, name, t.String())
	}
}

// named adds a value of a declared type, which has a layout of its own.
func (l *layout) named(name string, t *idl.Type, depth int) {
	switch t.Decl.(type) {
	case *idl.Enum:
		l.add(2, depth, name, "enum "+t.String()+": uint16")
	case *idl.Union:
		l.add(2, depth, name, "union "+t.String()+": tag, uint16")
		l.add(2, depth, "", "length n")
		l.vary(depth, "the case of that tag")
	default:
		l.add(2, depth, name, "struct "+t.String()+": length n")
		l.vary(depth, "its fields")
	}
}

// write writes the table, or that there is nothing.
func (l *layout) write(page *strings.Builder, nothing string) {
	if len(l.rows) == 0 {
		page.WriteString("  " + nothing + "\n")
		return
	}
	width := len("name")
	for _, r := range l.rows {
		width = max(width, utf8.RuneCountInString(r[2]))
	}
	fmt.Fprintf(page, "  offset  bytes  %-*s  what\n", width, "name")
	for _, r := range l.rows {
		fmt.Fprintf(page, "  %-6s  %-5s  %-*s  %s\n", r[0], r[1], width, r[2], r[3])
	}
}
