package doc

import (
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// A page is what both formats show, in the order in which they show it.
type page struct {
	Title    string
	Packages []*pkg
}

// A pkg is one package, its declarations by what they are.
type pkg struct {
	ID, Path string
	Doc      *text
	Groups   []group // those that are not empty
}

// A group is the declarations of a package that are of one kind.
type group struct {
	Title   string
	Entries []*entry
}

// An entry is a declaration or a method.
type entry struct {
	ID, Name   string
	Keyword    string   // "service"
	Badges     []string // "classic", "idempotent": what holds or does not
	Deprecated string   // what to use instead
	Code       []part   // a method or constant as the language writes it
	Doc        *text
	Facts      []fact
	Columns    []string // what stands over the members: "number", "name", …
	Members    []member
	Methods    []*entry
}

// Explained reports whether there is more to say of any member than stands in the other columns.
func (e *entry) Explained() bool {
	return slices.ContainsFunc(e.Members, func(m member) bool { return m.Doc != nil || m.Deprecated != "" })
}

// A part is a piece of a line of code or prose, with the thing that it names.
type part struct {
	Text string
	ID   string // "" if it names nothing of the page
}

// A fact is something to know about an entry, one line each.
type fact struct {
	Label string
	Lines [][]part
	Users bool // it names others, and is not searched
}

// A member is a field, a parameter, an enum's value or a union's case.
type member struct {
	ID         string // "" if it cannot be linked to
	Number     string
	Name       string
	Type       []part // nil for a value of an enum
	Deprecated string
	Doc        *text
}

// newPage returns the page of all packages of the schema, those that were named to Load first, each in order of their
// paths.
func newPage(schema *idl.Schema) *page {
	packages := slices.Clone(schema.Packages)
	slices.SortFunc(packages, func(a, b *idl.Package) int {
		switch {
		case a.Named && !b.Named:
			return -1
		case b.Named && !a.Named:
			return 1
		}
		return strings.Compare(a.Path, b.Path)
	})
	p := &page{Title: title(packages)}
	users := usedBy(packages)
	for _, idlPackage := range packages {
		b := builder{pkg: idlPackage, users: users}
		p.Packages = append(p.Packages, b.build())
	}
	return p
}

// title returns the path that the packages which were named have in common, down to whole folders.
func title(packages []*idl.Package) string {
	var common []string
	for i, p := range packages {
		folders := strings.Split(p.Path, "/")
		switch {
		case !p.Named:
		case i == 0:
			common = folders
		default:
			n := 0
			for n < len(common) && n < len(folders) && common[n] == folders[n] {
				n++
			}
			common = common[:n]
		}
	}
	if len(common) == 0 {
		return "Interfaces"
	}
	return strings.Join(common, "/")
}

// id returns the anchor of a declaration, or of a method or other member of it.
func id(d idl.Decl, members ...string) string {
	return strings.Join(append([]string{d.Base().FullName()}, members...), ".")
}

// plain returns a line without links.
func plain(text string) []part { return []part{{Text: clean(text)}} }

// typeParts returns t as a file of p writes it, with links to what is declared.
func typeParts(t *idl.Type, p *idl.Package) []part {
	switch t.Kind {
	case idl.List:
		return append([]part{{Text: "[]"}}, typeParts(t.Elem, p)...)
	case idl.Map:
		parts := append([]part{{Text: "map["}}, typeParts(t.Key, p)...)
		return append(append(parts, part{Text: "]"}), typeParts(t.Elem, p)...)
	case idl.Optional:
		return append([]part{{Text: "?"}}, typeParts(t.Elem, p)...)
	case idl.Named:
		return []part{{t.In(p), id(t.Decl)}}
	}
	return []part{{Text: t.String()}}
}

// nameIn returns what a file of p calls d, or a member of it.
func nameIn(p *idl.Package, d idl.Decl, members ...string) string {
	name := strings.Join(append([]string{d.Base().Name}, members...), ".")
	if own := d.Base().File.Package; own != p {
		return own.Name + "." + name
	}
	return name
}
