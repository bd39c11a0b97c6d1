package from

import (
	"errors"
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/gen"
)

// declare enters the declaration of t, which is to be called like name, and returns its name. fill adds what stands
// in its braces, when the name is known already: a type may contain itself.
func (c *converter) declare(name string, t *types.Named, keyword string, fill func(d *decl, name string)) string {
	key := c.fullName(t)
	if name, done := c.declared[key]; done {
		return name
	}
	obj := t.Obj()
	d := &decl{pos: obj.Pos(), items: []item{}}
	name = c.reserve(name, obj.Pkg())
	c.declared[key] = name
	c.decls = append(c.decls, d)
	d.doc, d.head = described(c.docs[obj.Pos()])
	d.text = keyword + " " + name
	if obj.Name() != gen.GoName(name) || obj.Pkg() != c.target {
		d.notes = append(d.notes, c.goType(t)+" in Go")
	}
	fill(d, name)
	return name
}

// structure returns the name of a struct's declaration; t is nil for one without a name in Go.
func (c *converter) structure(name string, t *types.Named, st *types.Struct) (string, error) {
	if t == nil {
		return c.anonymous(name, st)
	}
	if !carries(st) {
		return "", fmt.Errorf("%s has no exported fields", c.goType(t))
	}
	name, err := c.instanceName(c.caseName(name, t), t)
	if err != nil {
		return "", err
	}
	return c.declare(name, t, "struct", func(d *decl, name string) { d.items = c.fields(name, st) }), nil
}

// carries reports whether something of st would travel.
func carries(st *types.Struct) bool {
	for field := range st.Fields() {
		if field.Exported() || field.Embedded() {
			return true
		}
	}
	return st.NumFields() == 0
}

// caseName returns the name of a struct without that of the union that it is a case of: Go's type for the case
// will have the whole.
func (c *converter) caseName(name string, t *types.Named) string {
	scope := t.Obj().Pkg().Scope()
	for _, other := range scope.Names() {
		if rest := without(name, other); rest != name && strings.HasPrefix(name, other) {
			union, ok := scope.Lookup(other).Type().(*types.Named)
			if ok && types.IsInterface(union) && slices.Contains(c.cases(union, union.Underlying().(*types.Interface)), t) {
				return rest
			}
		}
	}
	return name
}

// instanceName returns the name of a type, with those of its type arguments behind it: Page[User] is PageUser.
func (c *converter) instanceName(name string, t *types.Named) (string, error) {
	full := camel(name)
	for arg := range t.TypeArgs().Types() {
		text, err := c.typ(arg, &place{name: full + "Item"})
		if err != nil {
			return "", err
		}
		full += camel(strings.NewReplacer("?", "optional_", "[]", "list_", "map[", "map_", "]", "_").Replace(text))
	}
	if camel(name) == "" {
		return "", fmt.Errorf("the name %s has letters that the language does not know", name)
	}
	return full, nil
}

// anonymous declares a struct that has no name in Go.
func (c *converter) anonymous(name string, st *types.Struct) (string, error) {
	key := c.fullName(st)
	if name, done := c.declared[key]; done {
		return name, nil
	}
	if !carries(st) {
		return "", errors.New("a struct without exported fields has nothing to send")
	}
	d := &decl{notes: []string{"a struct without a name in Go"}, items: []item{}}
	if st.NumFields() > 0 {
		d.pos = st.Field(0).Pos()
	}
	name = c.reserve(name, nil)
	c.declared[key] = name
	c.decls = append(c.decls, d)
	d.text = "struct " + name
	d.items = c.fields(name, st)
	return name, nil
}

// A fieldList gathers the fields of one struct or error.
type fieldList struct {
	*converter
	owner string
	names scope
	open  []types.Type // the embedded structs that are being written out
	items []item
}

// fields returns the items of st's fields; owner is its name in the definition.
func (c *converter) fields(owner string, st *types.Struct) []item {
	l := &fieldList{converter: c, owner: owner, names: scope{}, items: []item{}}
	l.add(st, nil)
	return l.items
}

// with returns the names that hide those of what st embeds.
func with(outer map[string]bool, st *types.Struct) map[string]bool {
	names := maps.Clone(outer)
	if names == nil {
		names = map[string]bool{}
	}
	for field := range st.Fields() {
		names[field.Name()] = true
	}
	return names
}

// add adds the fields of st. Those that are hidden by a field of the struct around it are left to that one.
func (l *fieldList) add(st *types.Struct, outer map[string]bool) {
	var unexported []string
	for i := range st.NumFields() {
		field, tag := st.Field(i), st.Tag(i)
		inner, embedded := embeddedStruct(field)
		switch {
		case outer[field.Name()]:
		case embedded && jsonName(tag) == "" && l.own(field):
			l.flatten(field, inner, with(outer, st))
		case !field.Exported():
			if field.Name() != "_" {
				unexported = append(unexported, field.Name())
			}
		default:
			l.items = append(l.items, l.field(field, tag))
		}
	}
	if unexported != nil {
		l.items = append(l.items, note(st.Field(0).Pos(), "left out, as it is not exported: %s", strings.Join(unexported, ", ")))
	}
}

// embeddedStruct returns the struct that a field embeds, itself or by pointer.
func embeddedStruct(field *types.Var) (*types.Struct, bool) {
	t := types.Unalias(field.Type())
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok && field.Embedded()
}

// own reports whether the type of an embedded field is one of the module's, and no error.
func (l *fieldList) own(field *types.Var) bool {
	t := types.Unalias(field.Type())
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() != nil && l.packages[named.Obj().Pkg().Path()] != nil && !isError(t)
}

// flatten writes out the fields of an embedded struct, as Go's selectors and encoding/json have them.
func (l *fieldList) flatten(field *types.Var, st *types.Struct, outer map[string]bool) {
	for _, t := range l.open {
		if types.Identical(t, st) {
			l.items = append(l.items, note(field.Pos(), "left out: %s embeds itself", field.Name()))
			return
		}
	}
	l.items = append(l.items, note(field.Pos(), "the fields of the embedded %s follow", l.goType(field.Type())))
	l.open = append(l.open, st)
	l.add(st, outer)
	l.open = l.open[:len(l.open)-1]
}

// field returns the item of one field.
func (l *fieldList) field(field *types.Var, tag string) item {
	if jsonName(tag) == "-" {
		return note(field.Pos(), "field %s is left out: its tag keeps it out of JSON", field.Name())
	}
	name, plain := fieldName(field, tag)
	if name == "" {
		return note(field.Pos(), "field %s is left out: its name has letters that the language does not know", field.Name())
	}
	p := &place{name: l.owner + strings.ToUpper(name[:1]) + name[1:]}
	text, err := l.typ(field.Type(), p)
	if err != nil {
		return note(field.Pos(), "field %s %s is left out: %v", field.Name(), l.goType(field.Type()), err)
	}
	unique := l.names.unique(name)
	if !plain || unique != name {
		p.changed("field %s in Go", field.Name())
	}
	it := item{text: unique + " " + text, notes: p.changes, pos: field.Pos()}
	it.doc, it.head = described(l.docs[field.Pos()])
	return it
}

// fieldName returns a field's name, of its JSON tag if that has one, and whether Go will call it as it does now.
func fieldName(field *types.Var, tag string) (name string, plain bool) {
	if name = lowerCamel(jsonName(tag)); name == "" {
		name = lowerCamel(field.Name())
	}
	if name == "" {
		return "", false
	}
	goName := gen.GoName(name)
	return name, field.Name() == goName || field.Name() == goName+"Field" // as gen has it where a method has the name
}

// jsonName returns the name in a field's JSON tag, "-" if the tag keeps the field out.
func jsonName(tag string) string {
	value := reflect.StructTag(tag).Get("json")
	name, options, comma := strings.Cut(value, ",")
	if name == "-" && comma && options == "" {
		return ""
	}
	return name
}
