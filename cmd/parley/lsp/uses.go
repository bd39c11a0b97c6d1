package lsp

import (
	"path"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// An occurrence is a place of a file where a name stands, or a word of the language.
//
// Its key says what is meant: the same key is the same thing, in all files of a root.
//
//	justchat/room#Room             a declaration
//	justchat/room#Room/Find/name   a member, and what is inside of that
//	package justchat/room          the package
//	alias /home/…/room.parley m    what one file calls an import
//	type string, keyword struct, annotation timeout, code not_found
type occurrence struct {
	pos, end syntax.Pos
	key      string
	symbol   *symbol // where the thing is declared; else nil
}

// A symbol is something that a file declares.
type symbol struct {
	kind   string // keyword of a declaration, else field, case, value, method, parameter, result, import
	name   string
	doc    *syntax.CommentGroup
	notes  []*syntax.Annotation
	node   syntax.Node // all of it
	detail string      // its type or number, as it is written
}

// A gatherer collects the occurrences of a file.
type gatherer struct {
	file       *file
	qualifiers map[string]string // path by qualifier
	found      []occurrence
}

// gather returns the occurrences in f: of a declaration its name first, then those of what is in it. It asks nothing of
// other files.
func gather(f *file) []occurrence {
	g := &gatherer{file: f, qualifiers: map[string]string{}}
	tree := f.tree()
	if tree.Ident != nil {
		g.word(tree.Package, "package")
		g.add(tree.Ident.Pos(), tree.Ident.End(), "package "+f.dir)
	}
	for _, i := range tree.Imports {
		g.imported(i)
	}
	for _, d := range tree.Decls {
		g.decl(d)
	}
	return g.found
}

func (g *gatherer) add(pos, end syntax.Pos, key string) {
	g.found = append(g.found, occurrence{pos: pos, end: end, key: key})
}

// word adds a word of the language that stands at pos.
func (g *gatherer) word(pos syntax.Pos, word string) {
	if pos.IsValid() {
		g.add(pos, pos+syntax.Pos(len(word)), "keyword "+word)
	}
}

// declare adds the name of a symbol.
func (g *gatherer) declare(id *syntax.Ident, key string, s *symbol) {
	s.name = id.Name
	g.found = append(g.found, occurrence{id.Pos(), id.End(), key, s})
}

func (g *gatherer) alias(name string) string { return "alias " + g.file.path + " " + name }

// imported adds an import. Without an alias its path stands for the package and for what the file calls it: of the two
// the package is found first.
func (g *gatherer) imported(i *syntax.Import) {
	dir := i.Path.Unquote()
	g.word(i.Keyword, "import")
	g.add(i.Path.Pos(), i.Path.End(), "package "+dir)
	s := &symbol{kind: "import", doc: i.Doc, node: i, detail: i.Path.Text}
	id := &syntax.Ident{NamePos: i.Path.Pos(), Name: path.Base(dir)}
	if i.Alias != nil {
		id = i.Alias
	}
	g.qualifiers[id.Name] = dir
	g.declare(id, g.alias(id.Name), s)
}

// decl adds a declaration and all that is in it.
func (g *gatherer) decl(d syntax.Decl) {
	head := d.Head()
	s := &symbol{doc: head.Doc, notes: head.Annotations, node: d}
	key := g.file.dir + "#" + head.Name.Name
	g.declare(head.Name, key, s)
	g.annotations(head.Annotations)
	switch d := d.(type) {
	case *syntax.Const:
		s.kind, s.detail = "const", d.Value.Text
	case *syntax.Enum:
		s.kind = "enum"
		for _, v := range d.Values {
			g.annotations(v.Annotations)
			g.declare(v.Name, key+"/"+v.Name.Name, &symbol{kind: "value", doc: v.Doc, notes: v.Annotations, node: v, detail: v.Number.Text})
		}
		g.reserved(d.Reserved)
	case *syntax.Struct:
		s.kind = "struct"
		g.fields(key, "field", d.Fields)
	case *syntax.Union:
		s.kind = "union"
		g.fields(key, "case", d.Cases)
		g.reserved(d.Reserved)
	case *syntax.Error:
		s.kind, s.detail = "error", d.Text.Text
		g.text(key, d.Text)
		g.fields(key, "field", d.Fields)
	case *syntax.Service:
		s.kind, s.detail = "service", d.Number.Text
		for _, m := range d.Methods {
			g.method(key, m)
		}
		g.reserved(d.Reserved)
	}
	g.word(head.Keyword, s.kind)
}

func (g *gatherer) reserved(lines []*syntax.Reserved) {
	for _, r := range lines {
		g.word(r.Keyword, "reserved")
	}
}

// fields adds fields, cases, parameters or results of what has that key.
func (g *gatherer) fields(key, kind string, fields []*syntax.Field) {
	for _, f := range fields {
		g.annotations(f.Annotations)
		for _, id := range f.Names {
			if id.Name != "_" {
				g.declare(id, key+"/"+id.Name, &symbol{kind: kind, doc: f.Doc, notes: f.Annotations, node: f, detail: f.Type.String()})
			}
		}
		g.typ(f.Type)
	}
}

func (g *gatherer) method(of string, m *syntax.Method) {
	key := of + "/" + m.Name.Name
	g.annotations(m.Annotations)
	g.declare(m.Name, key, &symbol{kind: "method", doc: m.Doc, notes: m.Annotations, node: m, detail: m.Number.Text})
	g.fields(key, "parameter", m.Params)
	g.fields(key, "result", m.Results)
	for _, t := range m.Throws {
		g.typ(t)
	}
}

// typ adds the names in a type.
func (g *gatherer) typ(t *syntax.Type) {
	if t == nil {
		return
	}
	switch t.Kind {
	case syntax.Stream:
		g.word(t.Start, "stream")
	case syntax.Map:
		g.word(t.Start, "map")
	case syntax.Named:
		g.named(t)
	}
	g.typ(t.Key)
	g.typ(t.Elem)
}

func (g *gatherer) named(t *syntax.Type) {
	name := t.Name
	switch {
	case t.Package != nil:
		g.add(t.Package.Pos(), t.Package.End(), g.alias(t.Package.Name))
		if dir, ok := g.qualifiers[t.Package.Name]; ok {
			g.add(name.Pos(), name.End(), dir+"#"+name.Name)
		}
	case slices.Contains(builtins, name.Name):
		g.add(name.Pos(), name.End(), "type "+name.Name)
	default:
		g.add(name.Pos(), name.End(), g.file.dir+"#"+name.Name)
	}
}

func (g *gatherer) annotations(list []*syntax.Annotation) {
	for _, a := range list {
		g.add(a.At, a.Name.End(), "annotation "+a.Name.Name)
		if a.Argument != nil && a.Name.Name == "code" {
			g.add(a.Argument.Pos(), a.Argument.End(), "code "+a.Argument.Text)
		}
	}
}

// text adds the fields that the text of an error names in braces. Two braces are one that is meant.
func (g *gatherer) text(key string, lit *syntax.Literal) {
	for i := 0; i < len(lit.Text); {
		rest := lit.Text[i:]
		switch {
		case rest[0] == '\\', strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			i += 2
		case rest[0] == '{':
			name, _, closed := strings.Cut(rest[1:], "}")
			if !closed {
				return
			}
			pos := lit.Pos() + syntax.Pos(i) + 1
			g.add(pos, pos+syntax.Pos(len(name)), key+"/"+name)
			i += len(name) + 2
		default:
			i++
		}
	}
}

// at returns what stands at offset, or just in front of it; nil if nothing does.
func (f *file) at(offset int) *occurrence {
	var behind *occurrence
	for i, o := range f.gathered() {
		switch pos := syntax.Pos(offset); {
		case o.pos <= pos && pos < o.end:
			return &f.gathered()[i]
		case o.end == pos && behind == nil:
			behind = &f.gathered()[i]
		}
	}
	return behind
}

// lookup returns what stands at a position of a document, nil if nothing does.
func (w *snapshot) lookup(p positionParams) (*file, *occurrence) {
	f := w.file(p.TextDocument.URI)
	if f == nil {
		return nil, nil
	}
	return f, f.at(f.text.offset(p.Position, w.encoding))
}

// A found is an occurrence with its file.
type found struct {
	file *file
	occurrence
}

// declaration returns where what from means by key is declared, or nil.
func (w *snapshot) declaration(from *file, key string) *found {
	if strings.HasPrefix(key, "alias ") {
		return declared([]*file{from}, key)
	}
	dir, _, ok := strings.Cut(key, "#")
	if !ok {
		return nil
	}
	return declared(w.files(from.root, dir), key)
}

func declared(files []*file, key string) *found {
	for _, f := range files {
		for _, o := range f.gathered() {
			if o.key == key && o.symbol != nil {
				return &found{f, o}
			}
		}
	}
	return nil
}
