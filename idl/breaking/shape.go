package breaking

import "github.com/parley-rpc/parley/idl"

// A verdict says what has become of a type.
type verdict int

const (
	unchanged verdict = iota
	renamedOnly
	changed // other bytes on the wire, or bytes that mean something else
)

// A pair is two declarations by their full names.
type pair struct{ before, after string }

// A typed is something that has a type.
type typed struct {
	idl.Decl
	t *idl.Type
}

// types reports what has become of the type of a field, case, parameter or result.
func (c *comparison) types(what string, owner idl.Decl, before, after typed) {
	switch c.compareTypes(before.t, after.t) {
	case changed:
		c.fieldType(what, owner, before, after)
	case renamedOnly:
		if c.staysBeside(before.t, after.t) {
			c.typeReplaced(what, owner, before, after)
		}
	}
}

// compareTypes says what has become of a type. A declared type of the same name is unchanged: what it is made of is
// compared, and reported, with its declaration.
func (c *comparison) compareTypes(before, after *idl.Type) verdict {
	if before.Kind != after.Kind {
		return changed
	}
	switch before.Kind {
	case idl.List, idl.Optional:
		return c.compareTypes(before.Elem, after.Elem)
	case idl.Map:
		return max(c.compareTypes(before.Key, after.Key), c.compareTypes(before.Elem, after.Elem))
	case idl.Named:
		return c.compareDecls(before.Decl, after.Decl)
	}
	return unchanged
}

// compareDecls says whether the declaration that a type names now can take the place of the one that it named.
func (c *comparison) compareDecls(before, after idl.Decl) verdict {
	p := pair{before.Base().FullName(), after.Base().FullName()}
	if p.before == p.after {
		return unchanged
	}
	if idl.Word(before) != idl.Word(after) {
		return changed
	}
	if v, ok := c.pairs[p]; ok {
		return v
	}
	c.heirs[p.before] = append(c.heirs[p.before], after)
	c.pairs[p] = renamedOnly // as far as it mentions itself
	if c.breaksWire(func(trial *comparison) { trial.bodies(before, after) }) {
		c.pairs[p] = changed
	}
	return c.pairs[p]
}

// staysBeside reports whether a declared type in before is not merely called as in after now: one of the two names
// is in both schemas.
func (c *comparison) staysBeside(before, after *idl.Type) bool {
	switch before.Kind {
	case idl.List, idl.Optional:
		return c.staysBeside(before.Elem, after.Elem)
	case idl.Map:
		return c.staysBeside(before.Key, after.Key) || c.staysBeside(before.Elem, after.Elem)
	case idl.Named:
		b, a := before.Decl.Base(), after.Decl.Base()
		return b.FullName() != a.FullName() && (declares(c.after, b) || declares(c.before, a))
	}
	return false
}

// declares reports whether schema has a declaration of the full name of d.
func declares(schema *idl.Schema, d *idl.Common) bool {
	pkg := schema.Package(d.File.Package.Path)
	return pkg != nil && pkg.Lookup(d.Name) != nil
}

// heir returns what the type d is called in after, or nil if it is gone.
func (c *comparison) heir(d idl.Decl) idl.Decl {
	name := d.Base().FullName()
	for _, candidate := range c.heirs[name] {
		if c.pairs[pair{name, candidate.Base().FullName()}] == renamedOnly && !declares(c.before, candidate.Base()) {
			return candidate
		}
	}
	return nil
}
