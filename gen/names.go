package gen

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// initialisms are the words that Go writes in one case: ID or id, never Id.
var initialisms = wordSet(`ACL AES API ASCII CPU CSS CSV DB DNS EOF GID GUID HMAC HTML HTTP HTTPS ID IP JSON JWT LHS MAC
	OS PDF QPS RAM RHS RPC SHA SIP SLA SMTP SQL SSH TCP TLS TTL UDP UI UID URI URL UTF UUID VM XML XMPP XSRF XSS`)

// ownNames are what client and server stubs call their own variables and the packages that they use.
var ownNames = wordSet(`c call codec context ctx err iter runtime s time yield`)

// fileScope are the names that no other import may have: those of the imports that any generated file may have, and
// of the variables beside which it is used.
var fileScope = wordSet(`codec context encoding hex iter runtime strconv time
	body buf c call caller ctx d data err field out read registrar request s server service start stubs tag v write yield`)

// valueMethods are the methods of generated structs, errorMethods those of errors besides.
var (
	valueMethods = wordSet(`AppendBinary MarshalBinary UnmarshalBinary`)
	errorMethods = wordSet(`AppendBinary MarshalBinary UnmarshalBinary Code Error ErrorName`)
)

// packageNames are what a package calls what it has once, and how the functions begin that register its services.
type packageNames struct{ idl, description, register string }

// In package runtime Package is a type, and nobody else registers its service.
var (
	publicNames  = packageNames{idl: "IDL", description: "Package", register: "Register"}
	runtimeNames = packageNames{idl: "ownIDL", description: "ownPackage", register: "register"}
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// GoName returns what a declaration, field or method of that name is called in generated Go: httpApi is HTTPAPI. A field
// that would meet a method of its type has another.
func GoName(name string) string { return exported(name) }

// exported returns name as Go has it for other packages: httpApi is HTTPAPI, userIds is UserIDs.
func exported(name string) string {
	var s strings.Builder
	for _, word := range splitWords(name) {
		s.WriteString(exportedWord(word))
	}
	return s.String()
}

// unexported returns name as Go has it inside a function or a package: HTTPChat is httpChat, userId is userID.
func unexported(name string) string {
	words := splitWords(name)
	return strings.ToLower(words[0]) + exported(name[len(words[0]):])
}

// splitWords cuts a CamelCase or lowerCamel name into words, a run of capitals being one: HTTPApi is HTTP, Api.
func splitWords(name string) []string {
	var words []string
	start := 0
	for i := 1; i < len(name); i++ {
		beginsWord := isUpper(name[i]) && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1]))
		if beginsWord {
			words = append(words, name[start:i])
			start = i
		}
	}
	return append(words, name[start:])
}

// exportedWord capitalizes a word, an initialism wholly, be it in the plural (ids) or numbered (sha256).
func exportedWord(word string) string {
	if word == "" {
		return ""
	}
	letters := strings.TrimRight(word, "0123456789")
	digits := word[len(letters):]
	if upper := strings.ToUpper(letters); initialisms[upper] {
		return upper + digits
	}
	if one, plural := strings.CutSuffix(letters, "s"); plural && initialisms[strings.ToUpper(one)] {
		return strings.ToUpper(one) + "s" + digits
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// goName returns what the thing is called in Go.
func goName(d idl.Decl) string { return exported(d.Base().Name) }

// fieldName returns what a field is called in a struct of Go that has these methods.
func fieldName(f *idl.Field, methods map[string]bool) string {
	name := goName(f)
	if methods[name] {
		name += "Field"
	}
	return name
}

// isGoWord reports whether name is a keyword of Go or is declared before any package.
func isGoWord(name string) bool {
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil
}

// localName returns what a parameter or result of m is called. What means something else to m's stubs gets an
// underscore.
func (g *generator) localName(f *idl.Field, m *idl.Method) string {
	name := unexported(f.Name)
	if isGoWord(name) || ownNames[name] || g.taken[name] ||
		name == methodsName(m.Service) || name == stubsName(m.Service) ||
		name == serverParam && m.Service.Classic ||
		(name == readItem || name == writeItem) && !m.Unary() {
		name += "_"
	}
	for g.isImport(name) { // a package may be called type_
		name += "_"
	}
	return name
}

func (g *generator) isImport(name string) bool {
	for _, i := range g.imports {
		if i.name == name {
			return true
		}
	}
	return false
}

// Names of a service's parts that are not for other packages.
func methodsName(s *idl.Service) string { return unexported(s.Name) + "Methods" }
func stubsName(s *idl.Service) string   { return unexported(s.Name) + "Stubs" }

// goPackageName returns what the package is called in Go: its own name, or that with an underscore where the go
// command or the compiler would not have it.
func goPackageName(p *idl.Package) string {
	switch p.Name {
	case "main", "init", "documentation": // not to be imported, only a function, ignored
		return p.Name + "_"
	}
	if token.IsKeyword(p.Name) {
		return p.Name + "_"
	}
	return p.Name
}

// importNames returns what the packages that p imports are called in its files. Those that the IDL gives no alias
// choose first.
func importNames(p *idl.Package) map[*idl.Package]string {
	taken, aliases := fileNames(p), importAliases(p)
	names := map[*idl.Package]string{}
	for _, aliased := range []bool{false, true} {
		for _, i := range p.Imports {
			if alias := aliases[i.Path]; aliased == (alias != "") {
				names[i] = importName(i, alias, taken)
				taken[names[i]] = true
			}
		}
	}
	return names
}

// importAliases returns the aliases that p's files give to imports, by their paths; the first file's, where they differ.
func importAliases(p *idl.Package) map[string]string {
	aliases := map[string]string{}
	for _, f := range p.Files {
		for _, i := range f.Syntax.Imports {
			if path := i.Path.Unquote(); i.Alias != nil && aliases[path] == "" {
				aliases[path] = i.Alias.Name
			}
		}
	}
	return aliases
}

// importName returns what an imported package is called: its own name, its alias if that is taken, or its name with
// a number if both are.
func importName(p *idl.Package, alias string, taken map[string]bool) string {
	name := goPackageName(p)
	if free := !taken[alias] && !isGoWord(alias); alias != "" && free && taken[name] {
		return alias
	}
	for n := 2; taken[name] || isGoWord(name); n++ {
		name = p.Name + strconv.Itoa(n)
	}
	return name
}

// fileNames returns the names that no import of p may have, as its files use them otherwise.
func fileNames(p *idl.Package) map[string]bool {
	taken := map[string]bool{}
	for name := range fileScope {
		taken[name] = true
	}
	for d := range p.Decls() {
		if s, ok := d.(*idl.Service); ok {
			taken[methodsName(s)], taken[stubsName(s)] = true, true
		}
	}
	return taken
}
