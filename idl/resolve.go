package idl

import "github.com/parley-rpc/parley/idl/syntax"

// resolve resolves the type of a value. It returns nil if there is none: the reason was reported, here or by the parser,
// which sees to how deep types nest and where streams stand.
func (s *source) resolve(t *syntax.Type) *Type {
	switch t.Kind {
	case syntax.Named:
		return s.resolveNamed(t)
	case syntax.Optional:
		return s.composite(Optional, t)
	case syntax.List:
		return s.resolveList(t)
	case syntax.Map:
		return s.resolveMap(t)
	}
	return nil
}

// composite resolves the element of t and returns the kind of it.
func (s *source) composite(kind Kind, t *syntax.Type) *Type {
	elem := s.resolve(t.Elem)
	if elem == nil {
		return nil
	}
	return &Type{Kind: kind, Elem: elem}
}

func (s *source) resolveList(t *syntax.Type) *Type {
	if t.Elem.String() == "byte" {
		s.report(t, "did you mean bytes?", "type %q is not declared", "byte")
		return nil
	}
	return s.composite(List, t)
}

func (s *source) resolveMap(t *syntax.Type) *Type {
	const hint = "keys are string, an integer, bool or an enum"
	if t.Key.Kind != syntax.Named && t.Key.Kind != syntax.BadType {
		s.report(t.Key, hint, "%q cannot be the key of a map", t.Key)
		s.resolve(t.Elem)
		return nil
	}
	key := s.resolve(t.Key)
	if key != nil && !key.IsKey() {
		s.report(t.Key, hint, "%q cannot be the key of a map", t.Key)
		key = nil
	}
	m := s.composite(Map, t)
	if m == nil || key == nil {
		return nil
	}
	m.Key = key
	return m
}

// resolveNamed resolves a type that is only a name.
func (s *source) resolveNamed(t *syntax.Type) *Type {
	if kind, ok := builtins[t.Name.Name]; ok && t.Package == nil {
		return &Type{Kind: kind}
	}
	decl := s.lookup(t, isType)
	switch decl.(type) {
	case nil:
		return nil
	case *Error:
		s.report(t, "a method throws it: throws "+t.String(), "error %q is not the type of a value", t)
		return nil
	case *Const, *Service:
		s.report(t, "", "%q is a %s, not a type", t, Word(decl))
		return nil
	}
	return &Type{Kind: Named, Decl: decl}
}

func isType(d Decl) bool {
	switch d.(type) {
	case *Enum, *Struct, *Union:
		return true
	}
	return false
}

func isError(d Decl) bool {
	_, ok := d.(*Error)
	return ok
}

// lookup returns the declaration that t names, or nil: either it has reported why, or that would be noise.
// What wanted accepts is proposed instead of a name that nobody declares.
func (s *source) lookup(t *syntax.Type, wanted func(Decl) bool) Decl {
	if t.Package != nil {
		return s.lookupQualified(t, wanted)
	}
	name := t.Name.Name
	if decl := s.Package.scope[name]; decl != nil {
		return decl
	}
	if !s.unit.lost[name] {
		s.report(t, s.hintName(name, wanted), "%q is not declared", name)
	}
	return nil
}

func (s *source) lookupQualified(t *syntax.Type, wanted func(Decl) bool) Decl {
	i := s.imports[t.Package.Name]
	if i == nil {
		s.reportQualifier(t)
		return nil
	}
	i.used = true
	if i.unit == nil {
		return nil
	}
	name := t.Name.Name
	if decl := i.unit.scope[name]; decl != nil {
		return decl
	}
	if !i.unit.lost[name] {
		s.report(t, s.hintQualified(t, wanted), "package %q declares no %q", i.path, name)
	}
	return nil
}

// reportQualifier reports the qualified name t, whose qualifier no import gives.
func (s *source) reportQualifier(t *syntax.Type) {
	qualifier := t.Package.Name
	switch {
	case qualifier == s.Package.Name:
		s.report(t, "write "+t.Name.Name, "%q qualifies a name of the package itself", t)
	case s.damaged:
		// The import may be what could not be read.
	default:
		s.report(t.Package, s.hintQualifier(t), "package %q is not imported", qualifier)
	}
}
