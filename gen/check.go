package gen

import (
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// Check returns what of a schema cannot become Go: names that would collide there, with each other or with what is
// generated beside them; packages and imports in folders that Go keeps for itself; structs too large to compile. The diagnostics are sorted; none means that all of it can be generated.
func Check(schema *idl.Schema) syntax.ErrorList {
	var errors syntax.ErrorList
	sizes := map[*idl.Struct]structSize{}
	for _, p := range schema.Packages {
		c := &checker{pkg: p, errors: &errors, sizes: sizes}
		c.checkPackage()
	}
	errors.Sort() // and one a line: a type that collides does so with its functions too
	return errors
}

// A checker finds what of one package cannot become Go.
type checker struct {
	pkg    *idl.Package
	errors *syntax.ErrorList
	sizes  map[*idl.Struct]structSize // of all packages
}

// A scope is what the names of Go in one block or type stand for.
type scope map[string]owner

// An owner is what has a name in Go.
type owner struct {
	what string // "struct RoomClient", "the client of service Room"
	decl *idl.Common
}

// claim enters what d needs a name for, and reports it if the name is taken.
func (c *checker) claim(s scope, name string, d idl.Decl, what string) {
	first, taken := s[name]
	if !taken {
		s[name] = owner{what, d.Base()}
		return
	}
	where := ""
	if first.decl != nil {
		where = " (" + first.decl.Place(d.Base().File) + ")"
	}
	*c.errors = append(*c.errors, d.Base().Diagnose("rename one of them",
		"%s is called %s in Go, as is %s%s", what, name, first.what, where))
}

func (c *checker) checkPackage() {
	c.checkPath()
	c.checkImports()
	c.checkSize()
	s := scope{
		"IDL":     {what: "the constant of the package's text"},
		"Package": {what: "the package's description"},
	}
	for d := range c.pkg.Decls() {
		c.checkDecl(s, d)
	}
}

// checkDecl claims the names that d brings into the package, and checks those inside of d.
func (c *checker) checkDecl(s scope, d idl.Decl) {
	name := goName(d)
	switch d := d.(type) {
	case *idl.Const:
		c.claim(s, name, d, "const "+d.Name)
	case *idl.Enum:
		c.claimType(s, d, "enum "+d.Name)
		for _, v := range d.Values {
			c.claim(s, valueName(d, v), v, "value "+v.Name+" of enum "+d.Name)
		}
	case *idl.Struct:
		c.claimType(s, d, "struct "+d.Name)
		c.checkFields(d.Fields, valueMethods)
	case *idl.Union:
		c.checkUnion(s, d)
	case *idl.Error:
		c.claimType(s, d, "error "+d.Name)
		c.checkFields(d.Fields, errorMethods)
	case *idl.Service:
		c.checkService(s, d)
	}
}

// claimType claims the names that every type has.
func (c *checker) claimType(s scope, d idl.Decl, what string) {
	name := goName(d)
	c.claim(s, name, d, what)
	c.claim(s, "Write"+name, d, "the function that writes "+what)
	c.claim(s, "Read"+name, d, "the function that reads "+what)
}

func (c *checker) checkUnion(s scope, u *idl.Union) {
	name := goName(u)
	c.claimType(s, u, "union "+u.Name)
	c.claim(s, "Unmarshal"+name, u, "the function that unmarshals union "+u.Name)
	c.claim(s, unknownName(u), u, "the unknown case of union "+u.Name)
	for _, v := range u.Cases {
		c.claim(s, caseName(u, v), v, "case "+v.Name+" of union "+u.Name)
	}
}

func (c *checker) checkFields(fields []*idl.Field, methods map[string]bool) {
	s := scope{}
	for _, f := range fields {
		if !f.Removed() {
			c.claim(s, fieldName(f, methods), f, "field "+f.Name)
		}
	}
}

func (c *checker) checkService(s scope, v *idl.Service) {
	name, of := goName(v), " of service "+v.Name
	c.claim(s, name, v, "service "+v.Name)
	c.claim(s, name+"Client", v, "the client"+of)
	c.claim(s, "New"+name+"Client", v, "the function that makes a client"+of)
	c.claim(s, "Register"+name, v, "the function that registers service "+v.Name)
	c.claim(s, methodsName(v), v, "the description"+of)
	c.claim(s, stubsName(v), v, "the type of the stubs"+of)
	methods := scope{}
	for _, m := range v.Methods {
		c.claim(methods, goName(m), m, "method "+m.Name)
		c.checkMethod(m)
		if v.Classic {
			c.claim(s, goName(m)+"RPC", m, "the function that calls "+v.Name+"."+m.Name)
			c.claim(s, goName(m)+"ServerStub", m, "the server stub of "+v.Name+"."+m.Name)
		}
	}
}

// StandardMethod returns the interface of the standard library whose signature go vet holds every method of that Go
// name to, "" for other names. A service cannot have such a method: its signature has a context.
func StandardMethod(goName string) string { return standardMethods[goName] }

// standardMethods are methods that go vet holds to the signature of the standard library's interface.
var standardMethods = map[string]string{
	"GobDecode": "gob.GobDecoder", "GobEncode": "gob.GobEncoder",
	"MarshalJSON": "json.Marshaler", "UnmarshalJSON": "json.Unmarshaler",
	"MarshalXML": "xml.Marshaler", "UnmarshalXML": "xml.Unmarshaler",
	"ReadByte": "io.ByteReader", "UnreadByte": "io.ByteScanner", "WriteByte": "io.ByteWriter",
	"ReadRune": "io.RuneReader", "UnreadRune": "io.RuneScanner",
}

func (c *checker) checkMethod(m *idl.Method) {
	if interfaceName := StandardMethod(goName(m)); interfaceName != "" {
		*c.errors = append(*c.errors, m.Diagnose("name it otherwise",
			"method %s is called %s in Go, where go vet wants it as %s has it", m.Name, goName(m), interfaceName))
	}
	s := scope{}
	for _, f := range m.Arguments() {
		c.claim(s, unexported(f.Name), f, "parameter or result "+f.Name)
	}
}
