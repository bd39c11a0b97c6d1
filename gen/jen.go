package gen

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"
)

// The packages that generated code imports. All but the first three are the standard library's.
const (
	runtimePath  = "github.com/parley-rpc/parley/runtime"
	codecPath    = runtimePath + "/codec"
	testPath     = runtimePath + "/runtimetest"
	contextPath  = "context"
	encodingPath = "encoding"
	iterPath     = "iter"
	strconvPath  = "strconv"
	testingPath  = "testing"
	hexPath      = "encoding/hex"
	timePath     = "time"
)

// standard are the imports that stand in the first group of an import block.
var standard = map[string]bool{contextPath: true, encodingPath: true, hexPath: true, iterPath: true, strconvPath: true, testingPath: true, timePath: true}

func runtimeName(name string) *jen.Statement { return jen.Qual(runtimePath, name) }

// inRuntime reports whether the package becomes part of package runtime, so that jennifer leaves out its qualifier.
func (g *generator) inRuntime() bool { return g.self == runtimePath }

func testFunc(name string) *jen.Statement { return jen.Qual(testPath, name) }

func codecFunc(name string) *jen.Statement { return jen.Qual(codecPath, name) }

// lines returns the statements one below the other.
func lines(code ...jen.Code) *jen.Statement {
	s := &jen.Statement{}
	for i, c := range code {
		if i > 0 {
			s.Line()
		}
		s.Add(c)
	}
	return s
}

// inline returns a block that stands on the line where it is opened.
func inline(code jen.Code) jen.Code {
	return jen.Custom(jen.Options{Open: "{ ", Close: " }"}, code)
}

// rows returns a composite literal's braces around values, each on a line of its own.
func rows(values []jen.Code) jen.Code {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, values...)
}

// pair returns key: value of a composite literal.
func pair(key string, value jen.Code) *jen.Statement { return jen.Id(key).Op(":").Add(value) }

// nameList returns names with commas between them, on as many lines as it takes.
func nameList(names []string) jen.Code {
	return jen.Id(strings.ReplaceAll(wrapped(strings.Join(names, ", ")), "\n", "\n\t"))
}

// quoteText returns a string of many lines as a literal of Go.
func quoteText(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isInvisible) {
		return strconv.Quote(text)
	}
	return "`" + strings.ReplaceAll(text, "`", "` + \"`\" + `") + "`"
}

// isInvisible reports whether a literal shows r as an escape: control characters, byte order marks, zero-width spaces.
func isInvisible(r rune) bool {
	return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf)
}

// newFile returns an empty file of the package.
func (g *generator) newFile() *jen.File {
	f := jen.NewFilePathName(g.self, g.name)
	f.NoFormat = true // render formats, once the imports are in groups
	f.ImportNames(map[string]string{runtimePath: "runtime", codecPath: "codec", testPath: "runtimetest"})
	for _, i := range g.imports {
		if i.alias {
			f.ImportAlias(i.path, i.name)
		} else {
			f.ImportName(i.path, i.name)
		}
	}
	return f
}

// render returns the text of f as gofmt leaves it.
func render(f *jen.File) ([]byte, error) {
	var text bytes.Buffer
	if err := f.Render(&text); err != nil {
		return nil, err
	}
	source, err := formatted(groupImports(withoutBlanks(text.Bytes())))
	if err != nil {
		return nil, fmt.Errorf("the generated Go does not parse, which is a mistake of parley's: %w", err)
	}
	return source, nil
}

// withoutBlanks returns source without the blanks that jennifer has around line breaks: a comment with one before it gofmt
// takes for no documentation, and leaves for the next time. The IDL, in canonical form, has no such blanks.
func withoutBlanks(source []byte) []byte {
	source = bytes.ReplaceAll(source, []byte(" \n"), []byte("\n"))
	return bytes.ReplaceAll(source, []byte("\n "), []byte("\n"))
}

// formatted returns source as gofmt leaves it. Where gofmt changes a comment it may change it again the next time, each a
// step nearer; all else takes it one time.
func formatted(source []byte) ([]byte, error) {
	for range 8 {
		next, err := format.Source(source)
		if err != nil || bytes.Equal(comments(next), comments(source)) {
			return next, err
		}
		source = next
	}
	return source, nil
}

// comments returns the lines of source that are comments, or look like it, without the blanks around them.
func comments(source []byte) []byte {
	var all []byte
	for line := range bytes.Lines(source) {
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("//")) {
			all = append(append(all, line...), '\n')
		}
	}
	return all
}

// groupImports puts a blank line between the imports of the standard library and the others. jennifer writes all of
// them into one block, sorted.
func groupImports(source []byte) []byte {
	head, rest, found := bytes.Cut(source, []byte("\nimport (\n"))
	block, body, closed := bytes.Cut(rest, []byte("\n)\n"))
	if !found || !closed {
		return source
	}
	var groups [2][]string
	for line := range strings.Lines(string(block) + "\n") {
		_, path, _ := strings.Cut(strings.TrimSuffix(line, "\"\n"), `"`)
		if standard[path] {
			groups[0] = append(groups[0], line)
		} else {
			groups[1] = append(groups[1], line)
		}
	}
	blocks := strings.Trim(strings.Join(groups[0], "")+"\n"+strings.Join(groups[1], ""), "\n")
	return slices.Concat(head, []byte("\nimport (\n"), []byte(blocks), []byte("\n)\n"), body)
}
