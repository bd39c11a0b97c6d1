package idl_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// verb matches a verb of a format that was quoted for a regexp.
var verb = regexp.MustCompile(`%[sqdv]`)

// TestEveryMessageIsTested holds the formats of all diagnostics against what the cases print.
func TestEveryMessageIsTested(t *testing.T) {
	var printed strings.Builder
	for _, file := range caseFiles(t) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "diagnostics" {
				printed.Write(f.Data)
			}
		}
	}
	formats := messageFormats(t)
	if len(formats) < 40 {
		t.Errorf("got %d formats: the test does not find them", len(formats))
	}
	for _, format := range formats {
		pattern := verb.ReplaceAllString(regexp.QuoteMeta(format), ".+")
		if !regexp.MustCompile(`(?m)^[^ ].*:\d+:\d+: ` + pattern + `$`).MatchString(printed.String()) {
			t.Errorf("no case prints %q", format)
		}
	}
}

// messageFormats returns the third argument of each call of report, the second of each of Diagnose.
func messageFormats(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var formats []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if format, ok := messageFormat(n); ok {
				formats = append(formats, format)
			}
			return true
		})
	}
	return formats
}

func messageFormat(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	argument, ok := map[string]int{"report": 2, "Diagnose": 1}[method.Sel.Name]
	if !ok || len(call.Args) <= argument {
		return "", false
	}
	literal, ok := call.Args[argument].(*ast.BasicLit)
	if !ok {
		return "", false // it is passed on
	}
	format, err := strconv.Unquote(literal.Value)
	return format, err == nil
}
