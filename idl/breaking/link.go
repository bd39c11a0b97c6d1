package breaking

import "github.com/parley-rpc/parley/idl"

// A numbered is something that its number stands for on the wire.
type numbered struct {
	decl   idl.Decl
	number uint16
}

func (n *numbered) name() string { return n.decl.Base().Name }

// A linked is one thing as it was and as it is. Of what is gone there is no after, of what is new no before.
type linked struct {
	before, after *numbered
	taken         bool     // whether the number of the one that is there was, or is now, another's
	former        idl.Decl // what had the number of a new thing, or nil
}

// link finds each of before again: by its name, else by its number if nothing of before has the name that it bears now.
// What is new comes last.
func link(before, after []numbered) []linked {
	was, is := newIndex(before), newIndex(after)
	var all []linked
	found := map[*numbered]bool{} // of after
	for i := range before {
		b := &before[i]
		namesake, heir := is.byName[b.name()], is.byNumber[b.number]
		switch {
		case namesake != nil:
			all = append(all, linked{before: b, after: namesake})
			found[namesake] = true
		case heir != nil && was.byName[heir.name()] == nil:
			all = append(all, linked{before: b, after: heir})
			found[heir] = true
		default:
			all = append(all, linked{before: b, taken: heir != nil})
		}
	}
	for i := range after {
		a := &after[i]
		if found[a] {
			continue
		}
		l := linked{after: a}
		if former := was.byNumber[a.number]; former != nil {
			l.taken, l.former = true, former.decl
		}
		all = append(all, l)
	}
	return all
}

// An index finds the members of a list.
type index struct {
	byName   map[string]*numbered
	byNumber map[uint16]*numbered
}

func newIndex(list []numbered) index {
	x := index{map[string]*numbered{}, map[uint16]*numbered{}}
	for i := range list {
		x.byName[list[i].name()], x.byNumber[list[i].number] = &list[i], &list[i]
	}
	return x
}

func values(e *idl.Enum) []numbered {
	var list []numbered
	for _, v := range e.Values {
		list = append(list, numbered{v, v.Number})
	}
	return list
}

func cases(u *idl.Union) []numbered {
	var list []numbered
	for _, v := range u.Cases {
		list = append(list, numbered{v, v.Tag})
	}
	return list
}

func methods(s *idl.Service) []numbered {
	var list []numbered
	for _, m := range s.Methods {
		list = append(list, numbered{m, uint16(m.Number)})
	}
	return list
}

func services(p *idl.Package) []numbered {
	var list []numbered
	for d := range p.Decls() {
		if s, ok := d.(*idl.Service); ok {
			list = append(list, numbered{s, uint16(s.Number)})
		}
	}
	return list
}
