package breaking

import (
	"fmt"

	"github.com/parley-rpc/parley/idl"
)

// A fields compares two lists whose members are told apart by their places: those of structs and errors, parameters,
// results.
type fields struct {
	what          string       // field, parameter or result
	owner         idl.Decl     // whose they are, in after
	before, after []*idl.Field // without the stream

	wasStream, isStream *idl.Field // nil where there is none
}

// call returns how messages call one of them.
func (l *fields) call(f *idl.Field) string {
	return fmt.Sprintf("%s %q of %s", l.what, f.Name, idl.Title(l.owner))
}

// fields compares two lists. A name that both have tells what was put in, taken out or moved; where neither knows the
// other's name a member was renamed, or is another one.
func (c *comparison) fields(l fields) {
	was, is := places(l.before), places(l.after)
	last := -1 // where the last one of after stood before
	for i, a := range l.after {
		b := at(l.before, i)
		place, known := was[a.Name]
		switch {
		case b == nil && !known && sameName(a, l.wasStream): // streams says so
		case b == nil && !known:
			c.appended(&l, a)
		case b != nil && b.Name == a.Name:
			c.fieldTypes(&l, b, a)
			last = i
		case known && place < last:
			c.fieldMoved(&l, a)
		case known: // what was put in or taken out before it is reported
			c.fieldTypes(&l, l.before[place], a)
			last = place
		case has(is, b):
			c.fieldInserted(&l, a, b)
		default:
			c.replaced(&l, b, a)
		}
	}
	for i, b := range l.before {
		a := at(l.after, i)
		stays := has(is, b) || a != nil && (a.Name == b.Name || !has(was, a))
		if !stays && !sameName(b, l.isStream) {
			c.fieldRemoved(&l, b)
		}
	}
}

// replaced compares two members of one place and different names.
func (c *comparison) replaced(l *fields, b, a *idl.Field) {
	switch {
	case b.Removed():
		c.placeReused(l, a)
	case c.compareTypes(b.Type, a.Type) == changed:
		c.fieldReplaced(l, b, a)
	case !a.Removed():
		c.renamed(b, a, l.call(a))
	}
}

// appended looks at a member that is new, at the end.
func (c *comparison) appended(l *fields, a *idl.Field) {
	method, ok := l.owner.(*idl.Method)
	switch {
	case !ok: // structs and errors may grow
	case method.Service.Classic:
		c.classicFrozen(l, a)
	default:
		c.parameterAdded(l, a)
	}
}

// fieldTypes compares the types of two members of one name.
func (c *comparison) fieldTypes(l *fields, b, a *idl.Field) {
	c.types(l.what, l.owner, typed{b, b.Type}, typed{a, a.Type})
}

// places returns where in list each name stands.
func places(list []*idl.Field) map[string]int {
	all := map[string]int{}
	for i, f := range list {
		if !f.Removed() {
			all[f.Name] = i
		}
	}
	return all
}

func has(all map[string]int, f *idl.Field) bool {
	_, ok := all[f.Name]
	return ok
}

// sameName reports whether f is called as stream is, which may be nil.
func sameName(f, stream *idl.Field) bool { return stream != nil && stream.Name == f.Name }

func at(list []*idl.Field, i int) *idl.Field {
	if i < len(list) {
		return list[i]
	}
	return nil
}
