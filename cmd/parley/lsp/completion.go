package lsp

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// The protocol's numbers for kinds of completions.
const (
	kindField     = 5
	kindModule    = 9
	kindEnumValue = 20
	kindKeyword   = 14
	kindBuiltin   = 25
)

var completionKinds = map[string]int{"enum": 13, "struct": 22, "union": 7, "error": 23}

// A completer collects what may be written at a place.
type completer struct {
	snapshot *snapshot
	file     *file
	place
	items []CompletionItem
}

// completion answers with what may be written at a position. What is there already the editor filters by.
func completion(_ context.Context, w *snapshot, p positionParams) ([]CompletionItem, error) {
	f := w.file(p.TextDocument.URI)
	if f == nil {
		return nil, nil
	}
	offset := f.text.offset(p.Position, w.encoding)
	c := &completer{snapshot: w, file: f, place: placeAt(string(f.text.source()), offset), items: []CompletionItem{}}
	c.complete()
	typed := len(c.word)
	if c.inString {
		typed = len(c.literal) - strings.LastIndexByte(c.literal, '{') - 1 // a path as a whole, or a field behind its brace
	}
	replaced := f.text.rangeOf(syntax.Pos(offset-typed), syntax.Pos(offset), w.encoding)
	for i := range c.items {
		c.items[i].TextEdit = &TextEdit{replaced, c.items[i].Label}
	}
	return c.items, nil
}

// What stands in front of the word at the cursor. A prefix is that of a type: ?, [], map[, stream.
var (
	prefix     = `(?:\?|\[\s*\]|map\s*\[|[\w.]*\]|stream\s+)*`
	notes      = `^\s*(?:@\w+(?:\([^)]*\))?\s+)*`
	noted      = regexp.MustCompile(notes + `$`)
	codeNote   = regexp.MustCompile(`@code\(\s*$`)
	qualifier  = regexp.MustCompile(`\b(\w+)\.$`)
	constValue = regexp.MustCompile(`^\s*const\s+\w+\s*=\s*$`)
	fieldType  = regexp.MustCompile(notes + `\w+\s+` + prefix + `$`)
	caseType   = regexp.MustCompile(notes + `\w+\s*:\s*\w+\s+` + prefix + `$`)
	mapKey     = regexp.MustCompile(`map\s*\[\s*(?:\w+\.)?$`)
	naming     = regexp.MustCompile(`^\s*package\s+$`)
	streamed   = regexp.MustCompile(`\w\s+$`)
	throwing   = regexp.MustCompile(`\)\s*throws\s[\s\w.,]*$`)
	listed     = regexp.MustCompile(`\)\s*$`)
)

func (c *completer) complete() {
	switch {
	case c.inComment:
	case c.inString:
		c.insideString()
	case strings.HasSuffix(c.item, "@"):
		c.annotations()
	case codeNote.MatchString(c.item):
		for _, code := range idl.Codes {
			c.own(code, kindEnumValue, "code "+code)
		}
	case c.keyword == "":
		c.outside()
	case c.keyword == "service":
		c.inService()
	case c.keyword == "union" && caseType.MatchString(qualifier.ReplaceAllString(c.item, "")),
		(c.keyword == "struct" || c.keyword == "error") && fieldType.MatchString(qualifier.ReplaceAllString(c.item, "")):
		c.types(false)
	case (c.keyword == "union" || c.keyword == "enum") && noted.MatchString(c.item):
		c.keywords("reserved")
	}
}

// add adds one thing. Those with a lower rank are listed first.
func (c *completer) add(rank int, label string, kind int, detail, doc string) {
	item := CompletionItem{Label: label, Kind: kind, Detail: detail, SortText: string(rune('0'+rank)) + label}
	if doc != "" {
		m := markdown(doc)
		item.Documentation = &m
	}
	c.items = append(c.items, item)
}

// own adds a word of the language, which has that key.
func (c *completer) own(word string, kind int, key string) { c.add(2, word, kind, "", words[key]) }

func (c *completer) keywords(list ...string) {
	for _, word := range list {
		c.own(word, kindKeyword, "keyword "+word)
	}
}

// insideString completes the path of an import, and the fields that the text of an error names.
func (c *completer) insideString() {
	item := strings.TrimSpace(c.item)
	m := opener.FindStringSubmatch(item)
	switch {
	case strings.HasPrefix(item, "import"):
		for _, dir := range c.snapshot.packages(c.file.root) {
			if dir != c.file.dir && dir != "." {
				c.add(1, dir, kindModule, "", c.snapshot.packageDoc(c.file.root, dir))
			}
		}
	case m != nil && m[1] == "error" && strings.LastIndexByte(c.literal, '{') > strings.LastIndexByte(c.literal, '}'):
		for _, o := range c.file.gathered() {
			if o.symbol != nil && o.key == c.file.dir+"#"+m[2]+"/"+o.symbol.name {
				c.add(1, o.symbol.name, kindField, o.symbol.detail, "")
			}
		}
	}
}

// annotations completes the name of an annotation: outside of declarations those of any of them.
func (c *completer) annotations() {
	var on []string
	switch {
	case c.keyword == "":
		on = syntax.Keywords
	case c.keyword == "service" && !strings.Contains(c.item, "("):
		on = []string{"method"}
	default:
		on = []string{"field"}
	}
	var names []string
	for _, what := range on {
		names = append(names, idl.Annotations(what)...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		c.own(name, kindKeyword, "annotation "+name)
	}
}

// outside completes what stands outside of all bodies.
func (c *completer) outside() {
	switch {
	case constValue.MatchString(c.item):
		c.keywords("true", "false")
	case naming.MatchString(c.item) && c.file.dir != ".":
		c.add(0, path.Base(c.file.dir), kindModule, "", "")
	case !noted.MatchString(c.item):
	case c.file.tree().Ident == nil:
		c.keywords("package")
	default:
		c.keywords(declarations...)
	}
}

// inService completes a method.
func (c *completer) inService() {
	open := strings.Count(c.item, "(") > strings.Count(c.item, ")")
	switch {
	case throwing.MatchString(c.item):
		c.errors()
	case open:
		argument := c.item[strings.LastIndexAny(c.item, "(,")+1:]
		if fieldType.MatchString(qualifier.ReplaceAllString(argument, "")) {
			c.types(streamed.MatchString(argument) && strings.Count(argument, "stream") == 0)
		}
	case listed.MatchString(c.item):
		c.keywords("throws")
	case noted.MatchString(c.item):
		c.keywords("reserved")
	}
}

// types completes the name of a type, behind a qualifier that of its package.
func (c *completer) types(stream bool) {
	if mapKey.MatchString(c.item) {
		c.keys()
		return
	}
	c.declared("enum", "struct", "union")
	if qualifier.MatchString(c.item) {
		return
	}
	for _, name := range builtins {
		c.own(name, kindBuiltin, "type "+name)
	}
	c.keywords("map")
	if stream {
		c.keywords("stream")
	}
}

// keys completes the type of a map's keys.
func (c *completer) keys() {
	c.declared("enum")
	if qualifier.MatchString(c.item) {
		return
	}
	for kind, name := range builtins {
		if t := (idl.Type{Kind: idl.Kind(kind)}); t.IsKey() {
			c.own(name, kindBuiltin, "type "+name)
		}
	}
}

func (c *completer) errors() { c.declared("error") }

// declared adds what the package and its imports declare of those kinds, behind a qualifier what that package does.
func (c *completer) declared(kinds ...string) {
	m := qualifier.FindStringSubmatch(c.item)
	if m == nil {
		c.declaredBy(c.file.dir, "", kinds)
	}
	for _, i := range c.file.tree().Imports {
		dir := i.Path.Unquote()
		name := path.Base(dir)
		if i.Alias != nil {
			name = i.Alias.Name
		}
		switch {
		case m == nil:
			c.declaredBy(dir, name+".", kinds)
		case m[1] == name:
			c.declaredBy(dir, "", kinds)
		}
	}
}

// declaredBy adds what the package dir declares, each with what stands in front of its name.
func (c *completer) declaredBy(dir, before string, kinds []string) {
	rank := 0
	if before != "" {
		rank = 1
	}
	for _, f := range c.snapshot.files(c.file.root, dir) {
		for _, o := range f.gathered() {
			if o.symbol != nil && slices.Contains(kinds, o.symbol.kind) {
				c.add(rank, before+o.symbol.name, completionKinds[o.symbol.kind], o.symbol.kind, strings.TrimSpace(paragraph(o.symbol.doc)))
			}
		}
	}
}
