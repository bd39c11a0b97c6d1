package remote

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/transport"
)

// A Description is what a server says of itself.
type Description struct {
	Services []*idl.Service // in the order of their numbers
	Schema   *idl.Schema    // their packages, and what those import
}

// Describe asks the server which services it has and what their IDL says. A server that speaks only the classic form
// cannot tell.
func (c *Caller) Describe(ctx context.Context) (*Description, error) {
	names, archive, err := runtime.NewMetaClient(c).Describe(ctx)
	if errors.Is(err, transport.ErrClassicOnly) && strings.Contains(err.Error(), `"HTTP/`) { // begins what it answered
		return nil, fmt.Errorf("%s speaks HTTP, which no server of Parley does: name another port", c.Address)
	}
	if errors.Is(err, transport.ErrClassicOnly) {
		return nil, &classicOnly{c.Address}
	}
	if err != nil {
		return nil, c.plain(err)
	}
	d, err := parse(c.Address, names, archive)
	if err != nil {
		return nil, fmt.Errorf("%s describes itself by IDL that is not correct: %w", c.Address, err)
	}
	return d, nil
}

// A classicOnly is transport.ErrClassicOnly with what to do about it.
type classicOnly struct{ address string }

func (e *classicOnly) Error() string {
	return e.address + " speaks only the classic form, in which a server cannot describe itself: say -classic, and name its IDL with -idl DIR"
}

func (e *classicOnly) Unwrap() error { return transport.ErrClassicOnly }

// parse returns the description that a server at address gave, as services names them in the archive.
func parse(address string, names []string, archive string) (*Description, error) {
	files := txtar.Parse([]byte(archive))
	root, err := txtar.FS(files)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, file := range files.Files {
		folders = append(folders, path.Dir(file.Name))
	}
	d := &Description{}
	if d.Schema, err = idl.Load(idl.Root{FS: root, Name: address}, folders...); err != nil {
		return nil, err
	}
	for _, name := range names {
		service, err := find(d.Schema, name)
		if err != nil {
			return nil, err
		}
		d.Services = append(d.Services, service)
	}
	return d, nil
}

// find returns the service of schema with that full name.
func find(schema *idl.Schema, name string) (*idl.Service, error) {
	path, short, ok := cutLast(name, ".")
	if !ok {
		return nil, fmt.Errorf("service %q has no package", name)
	}
	pkg := schema.Package(path)
	if pkg == nil {
		return nil, fmt.Errorf("there is no package %q for service %q", path, short)
	}
	service, ok := pkg.Lookup(short).(*idl.Service)
	if !ok {
		return nil, fmt.Errorf("package %q has no service %q", path, short)
	}
	return service, nil
}

// Services returns the description of a server that has all services of schema's named packages.
func Services(schema *idl.Schema) *Description {
	d := &Description{Schema: schema}
	for _, p := range schema.Packages {
		for decl := range p.Decls() {
			if service, ok := decl.(*idl.Service); ok && p.Named {
				d.Services = append(d.Services, service)
			}
		}
	}
	return d
}

// Method returns the method that is meant by name: "Chat.List", "rpcchat.Chat.List", with the path of the package before it,
// or with a slash in place of the last dot.
func (d *Description) Method(name string) (*idl.Method, error) {
	serviceName, methodName, ok := cutLast(name, "./")
	if !ok {
		return nil, fmt.Errorf("%q names no method, want Service.Method%s", name, d.meant(name))
	}
	var found []*idl.Method
	for _, s := range d.Services {
		for _, m := range s.Methods {
			if m.Name == methodName && Names(s, serviceName) {
				found = append(found, m)
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no method %q%s", name, d.meant(name))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%q is ambiguous: %s and %s", name, FullMethod(found[0]), FullMethod(found[1]))
}

// Names reports whether a declaration is meant by name, which may have the name of its package before it or the path.
func Names(d idl.Decl, name string) bool {
	c := d.Base()
	return name == c.Name || name == c.File.Package.Name+"."+c.Name || name == c.FullName()
}

// FullMethod returns the full name of a method, "rpcchat.Chat.List".
func FullMethod(m *idl.Method) string { return m.Service.FullName() + "." + m.Name }

// Methods returns the names of all methods, as short as they mean one method only.
func (d *Description) Methods() []string {
	same := map[string]int{}
	for _, s := range d.Services {
		same[s.Name]++
	}
	var names []string
	for _, s := range d.Services {
		service := s.Name
		if same[service] > 1 {
			service = s.FullName()
		}
		for _, m := range s.Methods {
			names = append(names, service+"."+m.Name)
		}
	}
	return names
}

// meant returns what to say about the methods after a name that is none.
func (d *Description) meant(name string) string {
	methods := d.Methods()
	var short []string // what stands behind the service's name
	for _, m := range methods {
		_, last, _ := cutLast(m, ".")
		short = append(short, last)
	}
	if meant := syntax.Nearest(name, methods); meant != "" {
		return fmt.Sprintf(", did you mean %q?", meant)
	}
	if i := slices.Index(short, syntax.Nearest(name, short)); i >= 0 {
		return fmt.Sprintf(", did you mean %q?", methods[i])
	}
	if len(methods) == 0 {
		return ": the server has none"
	}
	const most = 12
	if len(methods) > most {
		methods = append(methods[:most], "…")
	}
	return ": there are " + strings.Join(methods, ", ")
}

// cutLast cuts s at the last of the separators.
func cutLast(s, separators string) (before, after string, found bool) {
	i := strings.LastIndexAny(s, separators)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
