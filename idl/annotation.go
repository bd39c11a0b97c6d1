package idl

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parley-rpc/parley/idl/syntax"
)

// notes are what the annotations of one thing say.
type notes struct {
	deprecated string
	classic    bool
	idempotent bool
	borrowed   *syntax.Annotation // or nil
	timeout    time.Duration
	code       string
}

// An annotationRule says where an annotation may stand and takes its argument.
type annotationRule struct {
	on   string // what it stands on; "" is anything
	take func(s *source, a *syntax.Annotation, n *notes)
}

var annotations = map[string]annotationRule{
	"classic":    {"service", (*source).takeClassic},
	"idempotent": {"method", (*source).takeIdempotent},
	"borrowed":   {"method", (*source).takeBorrowed},
	"timeout":    {"method", (*source).takeTimeout},
	"code":       {"error", (*source).takeCode},
	"deprecated": {"", (*source).takeDeprecated},
}

// Annotations returns the sorted names of the annotations that may stand on a kind of thing, as messages name it: struct,
// service, method, error, field and the like.
func Annotations(on string) []string {
	var names []string
	for name, rule := range annotations {
		if rule.on == "" || rule.on == on {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Codes are the codes that an error may have, as @code names them, in the order of their numbers from 1 on.
var Codes = []string{
	"canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists",
	"permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range",
	"unimplemented", "internal", "unavailable", "data_loss", "unauthenticated",
}

// notes checks the annotations of a thing and returns what they say. What names the kind of thing.
func (s *source) notes(list []*syntax.Annotation, what string) notes {
	n := notes{code: "unknown"}
	seen := map[string]bool{}
	for _, a := range list {
		name := a.Name.Name
		if name == "" || a.Argument != nil && a.Argument.Kind == syntax.BadLiteral {
			continue // the parser has reported it
		}
		rule, known := annotations[name]
		switch {
		case !known:
			s.report(a, hintAnnotation(name), "there is no annotation @%s", name)
		case rule.on != "" && rule.on != what:
			s.report(a, "", "@%s belongs on %s, not on %s", name, WithArticle(rule.on), WithArticle(what))
		case seen[name]:
			s.report(a, "", "@%s is there twice", name)
		default:
			rule.take(s, a, &n)
		}
		seen[name] = true
	}
	return n
}

func hintAnnotation(name string) string {
	known := slices.Sorted(maps.Keys(annotations))
	if meant := syntax.Nearest(name, known); meant != "" {
		return "did you mean @" + meant + "?"
	}
	return "there are @" + strings.Join(known, ", @")
}

func (s *source) takeClassic(a *syntax.Annotation, n *notes) { n.classic = s.takeNothing(a) }

func (s *source) takeIdempotent(a *syntax.Annotation, n *notes) { n.idempotent = s.takeNothing(a) }

func (s *source) takeBorrowed(a *syntax.Annotation, n *notes) {
	if s.takeNothing(a) {
		n.borrowed = a
	}
}

// takeNothing reports an argument where there should be none.
func (s *source) takeNothing(a *syntax.Annotation) bool {
	if a.Argument != nil {
		s.report(a.Argument, "write @"+a.Name.Name, "@%s takes no argument", a.Name.Name)
	}
	return a.Argument == nil
}

func (s *source) takeTimeout(a *syntax.Annotation, n *notes) {
	const hint = "@timeout(2s), @timeout(1m30s), @timeout(250ms)"
	if a.Argument == nil || a.Argument.Kind != syntax.Duration {
		s.report(atArgument(a), hint, "@timeout takes a duration")
		return
	}
	d, err := time.ParseDuration(a.Argument.Text)
	if err != nil || d <= 0 {
		s.report(a.Argument, hint, "%s is not a positive duration that Go's time.Duration can hold", a.Argument.Text)
		return
	}
	n.timeout = d
}

func (s *source) takeCode(a *syntax.Annotation, n *notes) {
	if a.Argument == nil || a.Argument.Kind != syntax.Word {
		s.report(atArgument(a), "@code(not_found)", "@code takes the name of a code")
		return
	}
	code := a.Argument.Text
	switch {
	case slices.Contains(Codes, code):
		n.code = code
	case code == "ok":
		s.report(a.Argument, "", "ok is not the code of an error")
	default:
		s.report(a.Argument, hintCode(code), "there is no code %q", code)
	}
}

func hintCode(code string) string {
	if meant := syntax.Nearest(code, Codes); meant != "" {
		return "did you mean " + meant + "?"
	}
	return "the codes are " + strings.Join(Codes, ", ")
}

func (s *source) takeDeprecated(a *syntax.Annotation, n *notes) {
	const hint = `@deprecated("use Watch")`
	if a.Argument == nil || a.Argument.Kind != syntax.String {
		s.report(atArgument(a), hint, "@deprecated takes a string")
		return
	}
	n.deprecated = a.Argument.Unquote()
	if strings.TrimSpace(n.deprecated) == "" {
		s.report(a.Argument, hint, "@deprecated does not say what to use instead")
	}
}

// atArgument is the place of a's argument, or of a itself if it has none.
func atArgument(a *syntax.Annotation) syntax.Node {
	if a.Argument != nil {
		return a.Argument
	}
	return a
}
