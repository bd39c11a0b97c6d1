package idl

import "github.com/parley-rpc/parley/idl/syntax"

// maxNesting is how many structs may stand around each other in a value; readers refuse one that goes deeper.
const maxNesting = 64

// A descent follows structs into the structs that they hold directly.
type descent struct {
	checker *checker
	entered map[*Struct]bool
	open    []*Struct       // from the struct where it began to the one it is in
	depth   map[*Struct]int // where each of open stands there
	levels  map[*Struct]int // how many structs a value of each that was left always nests, itself counted
}

// checkRecursion reports the structs of u that contain themselves.
func (c *checker) checkRecursion(u *unit) {
	d := &descent{checker: c, entered: map[*Struct]bool{}, depth: map[*Struct]int{}, levels: map[*Struct]int{}}
	for _, s := range u.sources {
		for _, decl := range s.Decls {
			if st, ok := decl.(*Struct); ok && !d.entered[st] {
				d.enter(st)
			}
		}
	}
}

// enter follows the fields of st. A struct without a way around the field would be endless.
func (d *descent) enter(st *Struct) {
	d.entered[st] = true
	d.depth[st] = len(d.open)
	d.open = append(d.open, st)
	levels := 1
	for _, field := range st.Fields {
		inner := field.held()
		switch {
		case inner == nil:
		case !d.entered[inner]:
			d.enter(inner)
		default:
			if i, open := d.depth[inner]; open {
				d.report(field, "make it optional with ?, or a list",
					"struct %q contains itself: %s", d.open[i].Name, ring(d.open[i:], (*Struct).name))
			}
		}
		if levels = max(levels, d.levels[inner]+1); levels == maxNesting+1 && d.levels[inner] == maxNesting {
			d.report(field, "make it optional with ?, or put its fields here",
				"struct %q is more than %d structs deep, which every reader refuses", st.Name, maxNesting)
		}
	}
	d.levels[st] = levels
	d.open = d.open[:len(d.open)-1]
	delete(d.depth, st)
}

func (st *Struct) name() string { return st.Name }

// held returns the struct that f's value is, or nil if it is something else.
func (f *Field) held() *Struct {
	if f.Type == nil || f.Type.Kind != Named {
		return nil
	}
	st, _ := f.Type.Decl.(*Struct)
	return st
}

// report reports what is wrong with a field, in whichever package it stands.
func (d *descent) report(field *Field, hint, format string, args ...any) {
	for _, s := range d.checker.units[field.File.Package.Path].sources {
		if s.File == field.File {
			s.report(span{field.Pos, field.Pos + syntax.Pos(len(field.Name))}, hint, format, args...)
		}
	}
}
