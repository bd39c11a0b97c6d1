package vet

import (
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// An ignoredLine is a line on which an analyzer has nothing to say.
type ignoredLine struct {
	file     string
	line     int
	analyzer string
}

// ignores are the lines that comments «//parley:ignore NAME reason» stand on or above. A comment without a reason
// silences nothing.
type ignores map[ignoredLine]bool

func ignoresOf(pass *analysis.Pass) ignores {
	all := ignores{}
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, comment := range group.List {
				words := strings.Fields(strings.TrimPrefix(comment.Text, "//"))
				if len(words) > 2 && words[0] == "parley:ignore" {
					place := pass.Fset.Position(comment.Pos())
					all[ignoredLine{place.Filename, place.Line, words[1]}] = true
				}
			}
		}
	}
	return all
}

// has reports whether a comment silences an analyzer at a place.
func (i ignores) has(at token.Position, analyzer string) bool {
	return i[ignoredLine{at.Filename, at.Line, analyzer}] || i[ignoredLine{at.Filename, at.Line - 1, analyzer}]
}
