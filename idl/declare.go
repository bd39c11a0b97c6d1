package idl

import (
	"fmt"
	"regexp"

	"github.com/parley-rpc/parley/idl/syntax"
)

// declareAll enters the names that s declares into its package's scope. What they are is resolved
// when the names of all packages are known.
func (s *source) declareAll() {
	for _, node := range s.Syntax.Decls {
		head, decl := node.Head(), newDecl(node)
		base := decl.Base()
		*base = s.common(head.Name, head.Doc)
		s.checkCase(head.Name, camelCase, Word(decl))
		s.Decls = append(s.Decls, decl)
		if first := s.Package.scope[base.Name]; first != nil {
			s.report(head.Name, "", "%q is declared twice, first on %s", base.Name, first.Base().Place(s.File))
			continue
		}
		s.Package.scope[base.Name] = decl
	}
}

// newDecl returns an empty declaration for node.
func newDecl(node syntax.Decl) Decl {
	switch node.(type) {
	case *syntax.Const:
		return &Const{}
	case *syntax.Enum:
		return &Enum{}
	case *syntax.Struct:
		return &Struct{}
	case *syntax.Union:
		return &Union{}
	case *syntax.Error:
		return &Error{}
	case *syntax.Service:
		return &Service{}
	}
	panic(fmt.Sprintf("idl: a declaration of type %T", node))
}

// common returns what the thing that is called id has in common with all others.
func (s *source) common(id *syntax.Ident, doc *syntax.CommentGroup) Common {
	return Common{Name: id.Name, Doc: DocText(doc), File: s.File, Pos: id.NamePos}
}

// opening matches the beginning of a declaration wherever it stands.
var opening = regexp.MustCompile(`\b(?:const|enum|struct|union|error|service)[ \t]+([\pL_][\pL\pN_]*)`)

// noteLost finds the names that a damaged file seems to declare: those whose declarations did not survive
// the parser must not be reported as undefined where they are used.
func (s *source) noteLost() {
	for _, match := range opening.FindAllSubmatch(s.Syntax.Source, -1) {
		s.unit.lost[string(match[1])] = true
	}
}

// resolveAll fills in all that s declares.
func (s *source) resolveAll() {
	for i, node := range s.Syntax.Decls {
		switch decl := s.Decls[i].(type) {
		case *Const:
			s.resolveConst(decl, node.(*syntax.Const))
		case *Enum:
			s.resolveEnum(decl, node.(*syntax.Enum))
		case *Struct:
			s.resolveStruct(decl, node.(*syntax.Struct))
		case *Union:
			s.resolveUnion(decl, node.(*syntax.Union))
		case *Error:
			s.resolveError(decl, node.(*syntax.Error))
		case *Service:
			s.resolveService(decl, node.(*syntax.Service))
		}
	}
}

// A scope holds the names of one declaration's members.
type scope map[string]*Common

// declare enters c, which is one of what the scope holds, or reports that the name is taken.
func (sc scope) declare(s *source, id *syntax.Ident, what string) {
	if first := sc[id.Name]; first != nil {
		s.report(id, "", "%s %q is there twice, first on %s", what, id.Name, first.Place(s.File))
		return
	}
	sc[id.Name] = &Common{Name: id.Name, File: s.File, Pos: id.NamePos}
}
