package from

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// union returns the name of the declaration of an interface that only types of its package can satisfy.
func (c *converter) union(t *types.Named, under *types.Interface) (string, error) {
	cases := c.cases(t, under)
	if cases == nil || camel(t.Obj().Name()) == "" || t.TypeArgs() != nil {
		_, err := c.typ(under, &place{})
		return "", err
	}
	unknown := t.Obj().Pkg().Scope().Lookup(t.Obj().Name() + "Unknown")
	return c.declare(camel(t.Obj().Name()), t, "union", func(d *decl, name string) {
		if unknown != nil {
			d.doc = strings.TrimSpace(holds.ReplaceAllString(d.doc, ""))
		}
		names, tag := scope{}, 1
		c.take(name+"Unknown", "Unmarshal"+name)
		for _, one := range cases {
			if one.Obj() == unknown { // every generated union has it
				continue
			}
			it := c.unionCase(t, one, tag, names)
			if it.text != "" {
				tag++
			}
			d.items = append(d.items, it)
		}
	}), nil
}

// holds matches what the generator says of a union below the comment of its definition.
var holds = regexp.MustCompile(`(^|\n\n)It is [^.]*, or nil for none\.$`)

// cases returns the types of the package that satisfy a sealed interface; nil if t is none.
func (c *converter) cases(t *types.Named, under *types.Interface) []*types.Named {
	sealed := false
	for method := range under.Methods() {
		sealed = sealed || !method.Exported()
	}
	if !sealed || t.Obj().Pkg() == nil {
		return nil
	}
	var cases []*types.Named
	scope := t.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		one, ok := obj.Type().(*types.Named)
		if !ok || one.TypeParams() != nil || types.IsInterface(one) {
			continue
		}
		if types.Implements(one, under) || types.Implements(types.NewPointer(one), under) {
			cases = append(cases, one)
		}
	}
	slices.SortFunc(cases, func(a, b *types.Named) int { return int(a.Obj().Pos() - b.Obj().Pos()) })
	return cases
}

// unionCase returns the item of one of the types that union holds.
func (c *converter) unionCase(union, one *types.Named, tag int, names scope) item {
	obj := one.Obj()
	name := lowerCamel(without(obj.Name(), union.Obj().Name()))
	var t types.Type = one
	err := error(nil)
	if st, ok := one.Underlying().(*types.Struct); ok && st.NumFields() == 1 && st.Field(0).Name() == "Value" {
		t = st.Field(0).Type() // as the generator has it, with the name in the tag
		if tagged := lowerCamel(reflect.StructTag(st.Tag(0)).Get("json")); tagged != "" {
			name = tagged
		}
	}
	if name == "" {
		err = errors.New("its name has letters that the language does not know")
	}
	p := &place{name: camel(union.Obj().Name()) + strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]}
	text := ""
	if err == nil {
		text, err = c.typ(t, p)
	}
	if err != nil {
		return note(obj.Pos(), "case %s is left out: %v", c.goType(one), err)
	}
	name = names.unique(name)
	it := item{text: fmt.Sprintf("%d: %s %s", tag, name, text), notes: p.changes, pos: obj.Pos()}
	if t != one {
		it.doc, it.head = described(c.docs[obj.Pos()])
		if it.doc == fmt.Sprintf("%s is the case %s of %s.", obj.Name(), name, union.Obj().Name()) { // the generator's own
			it.doc = ""
		}
	}
	return it
}
