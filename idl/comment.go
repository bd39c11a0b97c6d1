package idl

import (
	"regexp"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// directive matches comments that are meant for tools, as Go has them: //go:generate. Parley's own may have a blank.
var directive = regexp.MustCompile(`^//([a-z0-9]+:[a-z0-9]| parley:[a-z])`)

// DocText returns what a doc comment, which may be nil, says: without slashes, the blank behind them, directives, and empty
// lines at both ends.
func DocText(group *syntax.CommentGroup) string {
	if group == nil {
		return ""
	}
	var lines []string
	for _, comment := range group.List {
		if directive.MatchString(comment.Text) {
			continue
		}
		line := strings.TrimPrefix(comment.Text, "//")
		lines = append(lines, strings.TrimPrefix(line, " "))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// joinDocs returns the package comments of the files of u.
func (u *unit) joinDocs() string {
	var docs []string
	for _, s := range u.sources {
		if doc := DocText(s.Syntax.Doc); doc != "" {
			docs = append(docs, doc)
		}
	}
	return strings.Join(docs, "\n\n")
}
