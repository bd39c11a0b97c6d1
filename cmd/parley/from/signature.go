package from

import (
	"errors"
	"fmt"
	"go/types"
	"regexp"
	"strings"
)

var (
	word       = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(\.[A-Z][A-Za-z0-9_]*)?`)
	throwsLine = regexp.MustCompile(`(^|\n\n)Throws \*[\w.]+(,\s\*[\w.]+)*\.$`)                // the generator's
	lendsLine  = regexp.MustCompile(`(^|\n\n)Lends bytes: [^\n]+(\n[^\n]+)*\sbytes\.Clone\.$`) // the generator's
)

// A variable is a parameter or a result.
type variable struct{ name, typ string }

// A signature makes the parameters and results of one method.
type signature struct {
	*converter
	f     *types.Func
	names scope // parameters and results share one, as in Go
	notes []string
}

func (s *signature) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// params returns the parameters, a stream behind the others.
func (s *signature) params() []variable {
	var params, streams []variable
	all := s.f.Signature().Params()
	for i := range all.Len() {
		v := all.At(i)
		if i == 0 && s.fullName(v.Type()) == "context.Context" {
			continue
		}
		t := v.Type()
		if s.f.Signature().Variadic() && i == all.Len()-1 {
			s.note("%s: ...%s in Go", given(v, "the last parameter"), s.goType(t.(*types.Slice).Elem()))
		}
		one, ok := s.variable(v, "parameter", fmt.Sprint("arg", i+1))
		switch {
		case !ok:
		case strings.HasPrefix(one.typ, "stream ") && streams != nil:
			s.note("parameter %s is left out: a method has one stream", one.name)
		case strings.HasPrefix(one.typ, "stream "):
			streams = append(streams, one)
		default:
			if streams != nil {
				s.note("parameter %s stands before the stream", one.name)
			}
			params = append(params, one)
		}
	}
	return append(params, streams...)
}

// results returns the results: without the error at the end, and a stream alone.
func (s *signature) results() []variable {
	var results []variable
	all := s.f.Signature().Results()
	count := all.Len()
	if count > 0 && s.fullName(all.At(count-1).Type()) == "error" {
		count--
	}
	for i := range count {
		v := all.At(i)
		name := "result"
		if count > 1 {
			name = fmt.Sprint("result", i+1)
		}
		if one, ok := s.variable(v, "result", name); ok {
			results = append(results, one)
		}
	}
	for _, one := range results {
		if !strings.HasPrefix(one.typ, "stream ") || len(results) == 1 {
			continue
		}
		for _, other := range results {
			if other != one {
				s.note("result %s is left out: a stream stands alone", other.name)
			}
		}
		return []variable{one}
	}
	return results
}

// given returns what v is called in Go, or other if it has no name.
func given(v *types.Var, other string) string {
	if v.Name() == "" || v.Name() == "_" {
		return other
	}
	return v.Name()
}

// variable returns one parameter or result, and whether it is carried.
func (s *signature) variable(v *types.Var, what, other string) (variable, bool) {
	name := lowerCamel(given(v, other))
	if name == "" {
		name = other
	}
	p := &place{name: camel(s.f.Name()) + strings.ToUpper(name[:1]) + name[1:]}
	text, err := s.stream(v.Type(), what, p)
	if err != nil {
		s.note("%s %s is left out: %v", what, strings.TrimSpace(given(v, "")+" "+s.goType(v.Type())), err)
		return variable{}, false
	}
	name = s.names.unique(name)
	for _, change := range p.changes {
		s.note("%s: %s", name, change)
	}
	if v.Name() != "" && v.Name() != "_" && name != v.Name() {
		s.note("%s: %s in Go", name, v.Name())
	}
	return variable{name, text}, true
}

// stream returns a stream's form if t is one in Go: an iterator, a channel, a reader; else that of any type.
func (s *signature) stream(t types.Type, what string, p *place) (string, error) {
	elem, known, err := s.streamElem(t, what, p)
	if err != nil {
		return "", err
	}
	if known == "" && elem == nil {
		return s.typ(t, p)
	}
	if known == "" {
		known, err = s.typ(elem, p)
	}
	return "stream " + known, err
}

// streamElem returns the type of a stream's items, as Go or the language has it; neither if t is no stream.
func (s *signature) streamElem(t types.Type, what string, p *place) (elem types.Type, known string, err error) {
	switch t := types.Unalias(t).(type) {
	case *types.Chan:
		if t.Dir() == types.SendOnly && what == "parameter" {
			return nil, "", errors.New("what the method sends is a stream result: return an iter.Seq2")
		}
		p.changed("%s in Go", s.goType(t))
		return t.Elem(), "", nil
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return nil, "", nil
		}
		switch t.Obj().Pkg().Path() + "." + t.Obj().Name() {
		case "iter.Seq2":
			if s.fullName(t.TypeArgs().At(1)) != "error" {
				return nil, "", errors.New("only iter.Seq2[T, error] is a stream")
			}
			return t.TypeArgs().At(0), "", nil
		case "iter.Seq":
			p.changed("%s in Go, without errors", s.goType(t))
			return t.TypeArgs().At(0), "", nil
		case "io.Reader", "io.ReadCloser":
			p.changed("%s in Go", s.goType(t))
			return nil, "bytes", nil
		}
	}
	return nil, "", nil
}
