package syntax

// A Node is a part of a file's tree: its text is Source[Pos():End()].
type Node interface {
	Pos() Pos
	End() Pos
}

// A File is the tree of one .parley file, together with its text: nothing of the source is lost.
type File struct {
	Name   string // as it was named to the parser
	Source []byte

	Doc      *CommentGroup // straight above the package clause, or nil
	Package  Pos           // of the word package, NoPos if it is missing
	Ident    *Ident        // the package's name, nil if it is missing
	Imports  []*Import
	Decls    []Decl
	Comments []*CommentGroup // all of the file, in order, those that are somebody's Doc too

	text  string // Source, for names and lines to be parts of
	lines []int  // where each line begins
}

// A Comment is one // comment, without its line end.
type Comment struct {
	Slash Pos
	Text  string // from the slashes on, trailing blanks removed
}

// A CommentGroup is a run of comments on lines of their own without a blank line between them,
// or the one comment that stands behind code on a line.
type CommentGroup struct {
	List     []*Comment
	Trailing bool // whether it stands behind code on its line
}

// An Ident is a name.
type Ident struct {
	NamePos Pos
	Name    string
}

// A LiteralKind says what a Literal is.
type LiteralKind int

// The kinds of literals.
const (
	Int        LiteralKind = iota // 42, 0x2a, -7 (a sign in consts and enum values only)
	Float                         // 1.5, -2e10; consts only
	String                        // "interpreted as Go does"
	Duration                      // 2s, 1m30s, 250ms; annotations only
	Word                          // not_found, true; annotations and consts
	BadLiteral                    // what is missing or could not be read: an error was reported, Text is empty
)

// A Literal is a value as it was written.
type Literal struct {
	ValuePos Pos
	Kind     LiteralKind
	Text     string // as written, with quotes and sign
}

// An Import is one import line.
type Import struct {
	Doc     *CommentGroup
	Keyword Pos
	Alias   *Ident // or nil
	Path    *Literal
}

// An Annotation is @name or @name(argument).
type Annotation struct {
	At       Pos
	Name     *Ident
	Argument *Literal // nil without parentheses
	Close    Pos      // just behind it
}

// A TypeKind says what a Type is.
type TypeKind int

// The kinds of types as they are written.
const (
	Named    TypeKind = iota // string, FileInfo, member.Member
	Optional                 // ?Elem
	List                     // []Elem
	Map                      // map[Key]Elem
	Stream                   // stream Elem; parameters and results only
	BadType                  // what the parser could not read; an error was reported
)

// A Type is a type as it is written.
type Type struct {
	Start   Pos
	Kind    TypeKind
	Package *Ident // Named: the qualifier or nil
	Name    *Ident // Named
	Key     *Type  // Map
	Elem    *Type  // Optional, List, Map, Stream
	Close   Pos    // just behind it
}

// A Field is one field of a struct or an error, a group of parameters or results that share a type,
// or one case of a union.
type Field struct {
	Doc         *CommentGroup
	Annotations []*Annotation
	Tag         *Literal // union cases
	Names       []*Ident // one, but for parameters and results
	Type        *Type
}

// A Reserved is a line of numbers that are never used again.
type Reserved struct {
	Doc     *CommentGroup
	Keyword Pos
	Numbers []*Literal
	Close   Pos // just behind it
}

// A Decl is a declaration: *Const, *Enum, *Struct, *Union, *Error or *Service.
type Decl interface {
	Node
	Head() *DeclHead
}

// A DeclHead is what all declarations begin with.
type DeclHead struct {
	Doc         *CommentGroup
	Annotations []*Annotation
	Keyword     Pos
	Name        *Ident // never nil: a declaration without a name is not in the tree
	Lbrace      Pos    // of the body, NoPos if there is none
	Close       Pos    // just behind the declaration
}

// A Const is const Name = Value.
type Const struct {
	DeclHead
	Value *Literal
}

// An Enum is enum Name { values }.
type Enum struct {
	DeclHead
	Reserved []*Reserved
	Values   []*EnumValue
}

// An EnumValue is Name = Number.
type EnumValue struct {
	Doc         *CommentGroup
	Annotations []*Annotation
	Name        *Ident
	Number      *Literal
}

// A Struct is struct Name { fields }.
type Struct struct {
	DeclHead
	Fields []*Field
}

// A Union is union Name { cases }.
type Union struct {
	DeclHead
	Reserved []*Reserved
	Cases    []*Field
}

// An Error is error Name "text" { fields }.
type Error struct {
	DeclHead
	Text   *Literal
	Body   bool // whether there are braces
	Fields []*Field
}

// A Service is service Name = Number { methods }.
type Service struct {
	DeclHead
	Number   *Literal
	Reserved []*Reserved
	Methods  []*Method
}

// A Method is Number: Name(parameters) (results) throws errors.
type Method struct {
	Doc          *CommentGroup
	Annotations  []*Annotation
	Number       *Literal
	Name         *Ident
	ParamParens  Parens
	Params       []*Field
	ResultParens Parens // NoPos if there are none
	Results      []*Field
	Throws       []*Type // Named
	Close        Pos     // just behind it
}

// Parens are the places of a list's parentheses.
type Parens struct {
	Open, Close Pos // NoPos if it is missing
}

// Head returns what the declaration begins with.
func (h *DeclHead) Head() *DeclHead { return h }

// Pos returns where the declaration begins: its first annotation, else its keyword.
func (h *DeclHead) Pos() Pos {
	if len(h.Annotations) > 0 {
		return h.Annotations[0].At
	}
	return h.Keyword
}

// End returns the place just behind the declaration.
func (h *DeclHead) End() Pos { return h.Close }
