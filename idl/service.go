package idl

import "github.com/parley-rpc/parley/idl/syntax"

// The numbers of services and methods begin with 0.
const (
	maxService     = 254
	runtimeService = 255 // belongs to the runtime
	maxMethod      = 255
)

func (s *source) resolveService(svc *Service, node *syntax.Service) {
	notes := s.notes(node.Annotations, "service")
	svc.Deprecated, svc.Classic = notes.deprecated, notes.classic
	svc.Number = s.serviceNumber(node.Number)
	numbers := s.numbers("method number", 0, maxMethod)
	svc.Reserved = reserve[uint8](numbers, node.Reserved)
	names := scope{}
	for _, m := range node.Methods {
		s.checkCase(m.Name, camelCase, "method")
		names.declare(s, m.Name, "method")
		method := &Method{Common: s.common(m.Name, m.Doc), Service: svc}
		method.Number = uint8(numbers.claim(m.Number, &method.Common))
		s.resolveMethod(method, m)
		svc.Methods = append(svc.Methods, method)
	}
}

func (s *source) serviceNumber(lit *syntax.Literal) uint8 {
	if n, ok := parseNumber(lit); ok && n == runtimeService {
		if s.unit.Path == s.checker.root.Runtime {
			return runtimeService
		}
		s.report(lit, "a service has a number from 0 to 254", "service number 255 is the runtime's own")
		return 0
	}
	return uint8(s.number(lit, "service number", 0, maxService))
}

func (s *source) resolveMethod(m *Method, node *syntax.Method) {
	names := scope{}
	for _, p := range s.arguments(node.Params, names, "parameter") {
		if p.stream && !p.last {
			s.report(p.at, "move it to the end; a method has one stream parameter at most", "parameter %q is a stream and not the last parameter", p.Name)
		} else if p.stream {
			m.ParamStream = p.Field
		} else {
			m.Params = append(m.Params, p.Field)
		}
	}
	for _, r := range s.arguments(node.Results, names, "result") {
		if r.stream && !r.alone {
			s.report(r.at, "", "result %q is a stream and does not stand alone", r.Name)
		} else if r.stream {
			m.ResultStream = r.Field
		} else {
			m.Results = append(m.Results, r.Field)
		}
	}
	m.Throws = s.throws(node.Throws)
	s.annotateMethod(m, node)
}

// annotateMethod stores m's annotations and reports those that do not fit a method with a stream, or its service.
func (s *source) annotateMethod(m *Method, node *syntax.Method) {
	notes := s.notes(node.Annotations, "method")
	m.Deprecated, m.Idempotent, m.Timeout = notes.deprecated, notes.idempotent, notes.timeout
	if notes.borrowed != nil {
		s.borrow(m, notes.borrowed)
	}
	if m.Unary() {
		return
	}
	for _, a := range node.Annotations {
		if a.Name.Name == "idempotent" || a.Name.Name == "timeout" {
			s.report(a, "", "@%s belongs on a unary method, and %q has a stream", a.Name.Name, m.Name)
		}
	}
	if m.Service.Classic {
		s.report(node.Name, "put it into a service without @classic", "method %q has a stream, and service %q is @classic", m.Name, m.Service.Name)
	}
}

// borrow makes m one that is @borrowed, as a says. What it lends is found out when all types are known.
func (s *source) borrow(m *Method, a *syntax.Annotation) {
	if m.Service.Classic {
		s.report(a, "put it into a service without @classic", "method %q is @borrowed, and service %q is @classic", m.Name, m.Service.Name)
		return
	}
	m.Borrowed = true
	s.checker.borrowed = append(s.checker.borrowed, &borrowed{m, s, a})
}

// An argument is a parameter or a result.
type argument struct {
	*Field
	at          *syntax.Ident // its name
	stream      bool          // Type is the stream's element
	last, alone bool
}

// arguments resolves the parameters or results of a method. Both share names, as they do in Go.
func (s *source) arguments(nodes []*syntax.Field, names scope, what string) []*argument {
	var arguments []*argument
	for _, node := range nodes {
		deprecated := s.notes(node.Annotations, what).deprecated
		s.checkStreamName(node, what)
		t, stream := s.argumentType(node.Type)
		for _, id := range node.Names {
			s.checkArgument(id, names, what)
			field := &Field{Common: s.common(id, node.Doc), Type: t}
			field.Deprecated = deprecated
			arguments = append(arguments, &argument{Field: field, at: id, stream: stream})
		}
	}
	if n := len(arguments); n > 0 {
		arguments[n-1].last, arguments[n-1].alone = true, n == 1
	}
	return arguments
}

// checkArgument checks the name of a parameter or a result.
func (s *source) checkArgument(id *syntax.Ident, names scope, what string) {
	if id.Name == "_" {
		s.report(id, "only fields of structs and errors are removed so", "a %s cannot be called _", what)
		return
	}
	s.checkCase(id, lowerCamel, what)
	names.declare(s, id, "parameter or result")
}

// checkStreamName reports a parameter or result that is a stream without a name, as it is surely meant to be: the
// language takes it for one called stream, of that type.
func (s *source) checkStreamName(node *syntax.Field, what string) {
	name, t := node.Names[0], node.Type
	if len(node.Names) > 1 || name.Name != "stream" || t.Kind == syntax.Stream || t.Kind == syntax.BadType {
		return
	}
	s.report(span{name.Pos(), t.End()}, "name the stream: items stream "+t.String(),
		"this is %s called stream, of type %s, and no stream", WithArticle(what), t)
}

// argumentType resolves t, which may be a stream: then the type is its element's.
func (s *source) argumentType(t *syntax.Type) (_ *Type, stream bool) {
	if t.Kind == syntax.Stream {
		return s.resolve(t.Elem), true
	}
	return s.resolve(t), false
}

// throws resolves the errors that a method declares.
func (s *source) throws(nodes []*syntax.Type) []*Error {
	var thrown []*Error
	seen := map[*Error]bool{}
	for _, node := range nodes {
		if node.Kind != syntax.Named {
			continue // the parser has reported it
		}
		if _, ok := builtins[node.String()]; ok {
			s.report(node, "", "%q is a type, not an error", node)
			continue
		}
		decl := s.lookup(node, isError)
		if decl == nil {
			continue
		}
		e, ok := decl.(*Error)
		switch {
		case !ok:
			s.report(node, "", "%q is %s, not an error", node, WithArticle(Word(decl)))
		case seen[e]:
			s.report(node, "", "%q is thrown twice", node)
		default:
			seen[e] = true
			thrown = append(thrown, e)
		}
	}
	return thrown
}

// checkServices reports services of one package that share a number: a server could not have both.
func (c *checker) checkServices(u *unit) {
	taken := map[uint8]*Service{}
	for _, s := range u.sources {
		for i, decl := range s.Decls {
			svc, ok := decl.(*Service)
			if !ok {
				continue
			}
			lit := s.Syntax.Decls[i].(*syntax.Service).Number
			if n, ok := parseNumber(lit); !ok || n > maxService {
				continue
			}
			if first := taken[svc.Number]; first != nil {
				s.report(lit, "", "service number %d is that of %q too, on %s", svc.Number, first.Name, first.Place(s.File))
				continue
			}
			taken[svc.Number] = svc
		}
	}
}
