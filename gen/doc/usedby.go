package doc

import (
	"github.com/parley-rpc/parley/idl"
)

// A user is what mentions a declaration: another declaration, or a method of it.
type user struct {
	decl   idl.Decl
	method string // "" if decl itself is the user
}

// usedBy returns who mentions each declaration, in the order of the page, each once.
func usedBy(packages []*idl.Package) map[idl.Decl][]user {
	users := map[idl.Decl][]user{}
	for _, p := range packages {
		for d := range p.Decls() {
			service, ok := d.(*idl.Service)
			if !ok {
				for t := range idl.Types(d) {
					note(users, t.Decl, user{decl: d})
				}
				continue
			}
			for _, m := range service.Methods {
				noteMethod(users, m)
			}
		}
	}
	return users
}

func noteMethod(users map[idl.Decl][]user, m *idl.Method) {
	by := user{m.Service, m.Name}
	for _, argument := range m.Arguments() {
		for t := range argument.Type.All() {
			note(users, t.Decl, by)
		}
	}
	for _, e := range m.Throws {
		note(users, e, by)
	}
}

// note adds by to the users of d, if d is a declaration and by is not its last user already.
func note(users map[idl.Decl][]user, d idl.Decl, by user) {
	if d == nil {
		return
	}
	if list := users[d]; len(list) == 0 || list[len(list)-1] != by {
		users[d] = append(list, by)
	}
}
