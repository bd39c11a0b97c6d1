package breaking

import (
	"github.com/parley-rpc/parley/idl"
)

// packages compares two packages of one path.
func (c *comparison) packages(before, after *idl.Package) {
	c.services(services(before), services(after))
	for d := range before.Decls() {
		twin := after.Lookup(d.Base().Name)
		switch {
		case idl.Word(d) == "service":
		case twin != nil && idl.Word(twin) == idl.Word(d):
			c.bodies(d, twin)
		case twin != nil && isType(d):
			c.declarationKind(d, twin)
		case idl.Word(d) == "error":
			c.errorRemoved(d.(*idl.Error))
		default:
			c.gone = append(c.gone, d)
		}
	}
}

// bodies compares what two declarations of one kind declare inside themselves, or stand for.
func (c *comparison) bodies(before, after idl.Decl) {
	switch before := before.(type) {
	case *idl.Const:
		c.constKind(before, after.(*idl.Const))
	case *idl.Enum:
		c.enums(before, after.(*idl.Enum))
	case *idl.Union:
		c.unions(before, after.(*idl.Union))
	case *idl.Struct:
		c.fields(fields{what: "field", owner: after, before: before.Fields, after: after.(*idl.Struct).Fields})
	case *idl.Error:
		after := after.(*idl.Error)
		c.errorCode(before, after)
		c.fields(fields{what: "field", owner: after, before: before.Fields, after: after.Fields})
	}
}

func (c *comparison) enums(before, after *idl.Enum) {
	reserved, kept := set(before.Reserved), set(after.Reserved)
	c.unreserved(after, reserved, kept, values(after))
	for _, l := range link(values(before), values(after)) {
		switch {
		case l.after == nil:
			c.memberRemoved(before, l.before, kept[l.before.number] || l.taken)
		case l.before == nil && (reserved[l.after.number] || l.taken):
			c.numberReused(after, l.after, l.former)
		case l.before == nil: // a new value
		case l.before.number != l.after.number:
			c.enumNumber(after, l)
		case l.before.name() != l.after.name():
			c.renamed(l.before.decl, l.after.decl, member(l.after.decl, after))
		}
	}
}

func (c *comparison) unions(before, after *idl.Union) {
	reserved, kept := set(before.Reserved), set(after.Reserved)
	c.unreserved(after, reserved, kept, cases(after))
	for _, l := range link(cases(before), cases(after)) {
		switch {
		case l.after == nil:
			c.memberRemoved(before, l.before, kept[l.before.number] || l.taken)
		case l.before == nil && (reserved[l.after.number] || l.taken):
			c.numberReused(after, l.after, l.former)
		case l.before == nil: // a new case
		case l.before.number != l.after.number:
			c.unionTag(after, l)
		default:
			c.unionCase(after, l)
		}
	}
}

// unionCase compares two cases of one tag.
func (c *comparison) unionCase(union *idl.Union, l linked) {
	before, after := l.before.decl.(*idl.Case), l.after.decl.(*idl.Case)
	switch {
	case before.Name == after.Name:
		c.types("case", union, typed{before, before.Type}, typed{after, after.Type})
	case c.compareTypes(before.Type, after.Type) == changed:
		c.numberReused(union, l.after, before)
	default:
		c.renamed(before, after, member(after, union))
	}
}

func set[T uint8 | uint16](numbers []T) map[uint16]bool {
	is := map[uint16]bool{}
	for _, n := range numbers {
		is[uint16(n)] = true
	}
	return is
}

// member returns how messages call a member of owner: value "Happy" of enum "Mood".
func member(d, owner idl.Decl) string { return idl.Title(d) + " of " + idl.Title(owner) }

// isType reports whether d can be the type of a value.
func isType(d idl.Decl) bool {
	k := idl.Word(d)
	return k == "struct" || k == "enum" || k == "union"
}
