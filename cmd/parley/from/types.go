package from

import (
	"errors"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// A place is where a type stands.
type place struct {
	name    string   // what a struct without a name is called here
	open    []string // the types around this one that are written out
	changes []string // what the definition says otherwise than Go
}

func (p *place) changed(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(p.changes, text) {
		p.changes = append(p.changes, text)
	}
}

// basics are the types that the language has as Go has them.
var basics = map[types.BasicKind]string{
	types.Bool: "bool", types.String: "string", types.Float32: "float32", types.Float64: "float64",
	types.Int8: "int8", types.Int16: "int16", types.Int32: "int32", types.Int64: "int64",
	types.Uint8: "uint8", types.Uint16: "uint16", types.Uint32: "uint32", types.Uint64: "uint64",
}

// typ returns a type of the definition, whose declaration it adds if it needs one. The error says why there is none.
func (c *converter) typ(t types.Type, p *place) (string, error) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return basic(t, p)
	case *types.Pointer:
		return c.optional(t, p)
	case *types.Slice:
		return c.list(t.Elem(), p)
	case *types.Array:
		p.changed("%s in Go", c.goType(t))
		return c.list(t.Elem(), p)
	case *types.Map:
		return c.mapping(t, p)
	case *types.Named:
		return c.named(t, p)
	case *types.Struct:
		return c.structure(p.name, nil, t)
	case *types.Signature:
		return "", errors.New("functions do not travel")
	case *types.Chan:
		return "", errors.New("a channel is a stream only as a parameter or a result")
	case *types.Interface:
		return "", errors.New("an interface can hold anything; one with an unexported method becomes a union")
	}
	return "", errors.New("there is no such type in the language")
}

func basic(t *types.Basic, p *place) (string, error) {
	switch t.Kind() {
	case types.Int:
		p.changed("int in Go")
		return "int64", nil
	case types.Uint:
		p.changed("uint in Go")
		return "uint64", nil
	}
	if name := basics[t.Kind()]; name != "" {
		return name, nil
	}
	return "", fmt.Errorf("there is no type for %s", t.Name())
}

func (c *converter) optional(t *types.Pointer, p *place) (string, error) {
	elem, err := c.typ(t.Elem(), p)
	if strings.HasPrefix(elem, "?") {
		p.changed("%s in Go", c.goType(t))
		return elem, nil
	}
	return "?" + elem, err
}

func (c *converter) list(elem types.Type, p *place) (string, error) {
	if basic, ok := types.Unalias(elem).(*types.Basic); ok && basic.Kind() == types.Uint8 {
		return "bytes", nil
	}
	text, err := c.typ(elem, p)
	return "[]" + text, err
}

func (c *converter) mapping(t *types.Map, p *place) (string, error) {
	key, err := c.typ(t.Key(), p)
	if err != nil {
		return "", err
	}
	basic, ok := t.Key().Underlying().(*types.Basic)
	if !ok || basic.Info()&(types.IsString|types.IsInteger|types.IsBoolean) == 0 || key == "duration" {
		return "", fmt.Errorf("%s cannot be the key of a map", key)
	}
	value, err := c.typ(t.Elem(), p)
	return "map[" + key + "]" + value, err
}

// named returns the form of a type with a name: a declaration's, or that of what the name stands for.
func (c *converter) named(t *types.Named, p *place) (string, error) {
	switch c.fullName(t) {
	case "time.Time":
		return "time", nil
	case "time.Duration":
		return "duration", nil
	}
	if isError(t) {
		return "", errors.New("an error travels only as what a method throws")
	}
	own := t.Obj().Pkg() != nil && c.packages[t.Obj().Pkg().Path()] != nil
	switch under := t.Underlying().(type) {
	case *types.Struct:
		if !own {
			return "", fmt.Errorf("%s stands outside of this module: declare a struct of your own", c.goType(t))
		}
		return c.structure(t.Obj().Name(), t, under)
	case *types.Interface:
		if own {
			return c.union(t, under)
		}
	case *types.Basic:
		if values := c.constants(t); own && values != nil {
			return c.enum(t, values)
		}
	}
	key := c.fullName(t)
	if slices.Contains(p.open, key) {
		return "", fmt.Errorf("%s holds itself; only a struct or union can", c.goType(t))
	}
	inner := &place{name: p.name, open: append(p.open[:len(p.open):len(p.open)], key)}
	text, err := c.typ(t.Underlying(), inner)
	if own && hasConstants(t) {
		p.changed("%s in Go, with constants that no enum can have", c.goType(t))
	} else {
		p.changed("%s in Go", c.goType(t))
	}
	return text, err
}

// isError reports whether t or a pointer to it is an error.
func isError(t types.Type) bool {
	e := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	return types.Implements(t, e) || types.Implements(types.NewPointer(t), e)
}

// fullName tells types apart.
func (c *converter) fullName(t types.Type) string { return types.TypeString(t, nil) }

// goType returns a type as the target's package writes it.
func (c *converter) goType(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return strings.TrimSuffix(c.qualifier(p), ".") })
}

// qualifier returns what the target's package writes before a name of p: "member.", or nothing before its own.
func (c *converter) qualifier(p *types.Package) string {
	if p == c.target {
		return ""
	}
	return p.Name() + "."
}
