package idl

import (
	"fmt"
	"path"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// A span is a piece of a file that is no node of its tree.
type span struct{ pos, end syntax.Pos }

func (s span) Pos() syntax.Pos { return s.pos }
func (s span) End() syntax.Pos { return s.end }

// report adds a diagnostic about at to those of the run, unless its line has one already that stands further left.
// So a line of a million mistakes costs no more than one.
func (s *source) report(at syntax.Node, hint, format string, args ...any) {
	position := s.Syntax.Position(at.Pos())
	if column, ok := s.mistakes[position.Line]; ok && column <= position.Column {
		return
	}
	s.mistakes[position.Line] = position.Column
	s.checker.errors = append(s.checker.errors, s.Syntax.Diagnose(at.Pos(), at.End(), hint, format, args...))
}

// ring shows a cycle of names, the first once more at the end; of a long one only both ends.
func ring[T any](members []T, name func(T) string) string {
	const most = 8
	var text strings.Builder
	for i, member := range members {
		switch n := len(members); {
		case n <= most || i < most/2 || i >= n-most/2:
			text.WriteString(name(member) + " -> ")
		case i == most/2:
			text.WriteString("… -> ")
		}
	}
	return text.String() + name(members[0])
}

// Diagnose returns a diagnostic about the thing, pointing at its name.
// It is for rules beyond the language's own, such as a generator's.
func (c *Common) Diagnose(hint, format string, args ...any) *syntax.Diagnostic {
	return c.File.Syntax.Diagnose(c.Pos, c.Pos+syntax.Pos(len(c.Name)), hint, format, args...)
}

// Place says where c stands to a reader of file in: the other file's name only if it is another.
func (c *Common) Place(in *File) string {
	at := c.Position()
	switch {
	case c.File == in:
		return fmt.Sprintf("line %d", at.Line)
	case c.File.Package == in.Package:
		return fmt.Sprintf("%s:%d", path.Base(at.File), at.Line)
	}
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}
