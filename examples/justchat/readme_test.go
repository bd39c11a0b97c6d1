package justchat_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// limitRow is a row of the README's table of limits: its default and the field.
var limitRow = regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| `(\\w+)\\.(\\w+)\\.(\\w+)` \\|$")

// TestReadmeLimits compares the README's limits with what the fields' comments say.
func TestReadmeLimits(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := limitRow.FindAllStringSubmatch(string(text), -1)
	if len(rows) < 10 {
		t.Fatalf("the README has %d rows of limits, want more", len(rows))
	}
	for _, row := range rows {
		comment := fieldComment(t, row[2], row[3], row[4])
		if !regexp.MustCompile(`[;,] (at least, |at most, )?` + regexp.QuoteMeta(row[1]) + `\b`).MatchString(comment) {
			t.Errorf("the README says that %s.%s.%s is %s, its comment is %q", row[2], row[3], row[4], row[1], comment)
		}
	}
}

// fieldComment returns the comment behind a field of a struct of the package in a folder.
func fieldComment(t *testing.T, folder, structName, field string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := ""
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != structName {
				return true
			}
			for _, f := range spec.Type.(*ast.StructType).Fields.List {
				if len(f.Names) == 1 && f.Names[0].Name == field {
					found = strings.TrimSpace(f.Comment.Text())
				}
			}
			return false
		})
	}
	if found == "" {
		t.Errorf("%s.%s has no field %s with a comment behind it", folder, structName, field)
	}
	return found
}
