package from

import (
	"fmt"
	"go/constant"
	"go/types"
	"slices"
)

// maxValue is the largest number of an enum's value.
const maxValue = 1<<16 - 1

// constants returns the exported constants of an integer type, in the order of the source; nil if an enum cannot
// have all of them.
func (c *converter) constants(t *types.Named) []*types.Const {
	basic, ok := t.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsInteger == 0 || camel(t.Obj().Name()) == "" {
		return nil
	}
	var values []*types.Const
	scope := t.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		value, ok := scope.Lookup(name).(*types.Const)
		if !ok || !value.Exported() || !types.Identical(value.Type(), t) {
			continue
		}
		if number, exact := constant.Int64Val(value.Val()); !exact || number < 0 || number > maxValue || camel(name) == "" {
			return nil
		}
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b *types.Const) int { return int(a.Pos() - b.Pos()) })
	return values
}

// hasConstants reports whether the package of t exports constants of that type.
func hasConstants(t *types.Named) bool {
	scope := t.Obj().Pkg().Scope()
	return slices.ContainsFunc(scope.Names(), func(name string) bool {
		value, ok := scope.Lookup(name).(*types.Const)
		return ok && value.Exported() && types.Identical(value.Type(), t)
	})
}

// enum returns the name of the declaration of an integer type with these constants.
func (c *converter) enum(t *types.Named, values []*types.Const) (string, error) {
	return c.declare(camel(t.Obj().Name()), t, "enum", func(d *decl, _ string) {
		names, numbers := scope{}, map[int64]string{}
		for _, value := range values {
			number, _ := constant.Int64Val(value.Val())
			name := without(value.Name(), t.Obj().Name())
			if first, taken := numbers[number]; taken {
				d.items = append(d.items, note(value.Pos(), "%s is left out: its number is that of %s", value.Name(), first))
				continue
			}
			numbers[number] = value.Name()
			it := item{text: fmt.Sprintf("%s = %d", names.unique(camel(name)), number), pos: value.Pos()}
			it.doc, it.head = described(c.docs[value.Pos()])
			d.items = append(d.items, it)
		}
		if basic := t.Underlying().(*types.Basic); basic.Kind() != types.Uint16 {
			d.notes = append(d.notes, basic.Name()+" in Go, uint16 here")
		}
	}), nil
}
