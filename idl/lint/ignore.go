package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// Its check is the silencing itself: what is wrong with a comment shows only when all findings are there.
var ignoreRule = &Rule{
	ID:      "ignore",
	Summary: "a comment that silences a rule names it, gives a reason, and silences something",
	Why: `A comment «// parley:ignore RULE reason» silences one rule for what stands straight below it; between them
may be comments and annotations. Without a reason nobody knows later whether it still holds, and one that silences
nothing, because the fault was mended or the rule's name is misspelt, only misleads. This rule cannot be silenced.`,
	Bad: `
// Mood is how somebody feels.
// parley:ignore enum-zreo every peer sends a mood
enum Mood {
	Happy = 0
	Sad = 1
}
`,
	Good: `
// Mood is how somebody feels.
// parley:ignore enum-zero every peer sends a mood
enum Mood {
	Happy = 1
	Sad = 2
}
`,
	check: func(*pass) {},
}

// directive matches a comment to this package, with a blank behind the slashes or without.
var directive = regexp.MustCompile(`^// ?parley:(\S*)[ \t]*(\S*)[ \t]*(.*)$`)

// annotationLine matches a line on which nothing but annotations stands.
var annotationLine = regexp.MustCompile(`^[ \t]*(@\w+(\(("([^"\\]|\\.)*"|[^()"]*)\))?[ \t]*)+(//.*)?$`)

// An ignore is a comment that silences a rule.
type ignore struct {
	comment     *syntax.Comment
	word        string // "ignore", or what stands in its place
	rule        string
	reason      string
	trailing    bool // behind code, where it silences nothing
	first, last int  // the lines that it is about
	used        bool
}

// silence returns the findings about pkg that no comment silences, and those about such comments.
func silence(pkg *idl.Package, found syntax.ErrorList) syntax.ErrorList {
	var left syntax.ErrorList
	for _, file := range pkg.Files {
		ignores := ignoresOf(file.Syntax)
		for _, finding := range found {
			if finding.File == file.Syntax.Name && !covered(finding, ignores) {
				left = append(left, finding)
			}
		}
		p := &pass{pkg: pkg, rule: ignoreRule, findings: &left}
		for _, i := range ignores {
			p.checkIgnore(file, i)
		}
	}
	return left
}

// covered reports whether one of ignores silences finding, and notes that it was of use.
func covered(finding *syntax.Diagnostic, ignores []*ignore) bool {
	silenced := false
	for _, i := range ignores {
		if i.rule == finding.Rule && i.word == "ignore" && i.reason != "" && i.first <= finding.Line && finding.Line <= i.last {
			i.used, silenced = true, true
		}
	}
	return silenced
}

// ignoresOf returns the comments of file that silence rules, or try to.
func ignoresOf(file *syntax.File) []*ignore {
	var ignores []*ignore
	for _, group := range file.Comments {
		for _, comment := range group.List {
			match := directive.FindStringSubmatch(comment.Text)
			if match == nil {
				continue
			}
			i := &ignore{comment: comment, word: match[1], rule: match[2], reason: match[3], trailing: group.Trailing}
			if !i.trailing {
				i.first, i.last = linesBelow(file, file.Position(comment.Slash).Line)
			}
			ignores = append(ignores, i)
		}
	}
	return ignores
}

// linesBelow returns the lines of what stands below a comment line: its annotations and the line behind them.
func linesBelow(file *syntax.File, line int) (first, last int) {
	first = line + 1
	last = first
	for strings.HasPrefix(strings.TrimSpace(file.Line(last)), "//") || annotationLine.MatchString(file.Line(last)) {
		last++
	}
	return first, last
}

// checkIgnore reports what is wrong with a comment.
func (p *pass) checkIgnore(file *idl.File, i *ignore) {
	ids := ruleIDs()
	switch {
	case i.word != "ignore":
		p.reportAt(file, i.comment, "write // parley:ignore RULE reason", "there is no comment parley:%s", i.word)
	case i.rule == "":
		p.reportAt(file, i.comment, "write // parley:ignore RULE reason", "the comment names no rule")
	case i.rule == ignoreRule.ID:
		p.reportAt(file, i.comment, "mend the comments that it finds fault with", "rule %q cannot be silenced", i.rule)
	case !slices.Contains(ids, i.rule):
		p.reportAt(file, i.comment, hintRule(i.rule, ids), "there is no rule %q", i.rule)
	case i.reason == "":
		p.reportAt(file, i.comment, "write the reason behind the rule", "the comment does not say why rule %q is silenced", i.rule)
	case i.trailing:
		p.reportAt(file, i.comment, "put it on a line of its own, above", "behind something a comment silences nothing")
	case !i.used:
		p.reportAt(file, i.comment, "remove it", "rule %q finds nothing here", i.rule)
	}
}

func hintRule(name string, ids []string) string {
	if strings.Contains(name, ",") {
		return "silence each rule with a comment of its own"
	}
	if meant := syntax.Nearest(name, ids); meant != "" {
		return "did you mean " + meant + "?"
	}
	return "the rules are " + strings.Join(ids, ", ")
}
