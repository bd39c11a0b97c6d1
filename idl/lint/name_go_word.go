package lint

import (
	"go/token"
	"go/types"
)

var nameGoWord = &Rule{
	ID:      "name-go-word",
	Summary: "parameters and results are not called what means something else in Go",
	Why: `Keywords, predeclared names such as len and error, and ctx and err, which every method has already, get an underscore
in the generated Go: Find(ctx context.Context, type_ string). Fields may be called so: in Go they begin with a
capital.`,
	Bad: `
// Files keeps files.
service Files = 1 {
	// Find returns the names of all files of a type.
	0: Find(type string) (names []string)
}
`,
	Good: `
// Files keeps files.
service Files = 1 {
	// Find returns the names of all files of a kind.
	0: Find(kind string) (names []string)
}
`,
	check: checkNameGoWord,
}

func checkNameGoWord(p *pass) {
	for m := range p.methods() {
		for _, argument := range m.Arguments() {
			name := argument.Name
			switch {
			case token.IsKeyword(name):
				p.report(argument, "choose another name", "%q is a keyword of Go", name)
			case types.Universe.Lookup(name) != nil:
				p.report(argument, "choose another name", "%q means something else in Go", name)
			case name == "ctx" || name == "err":
				p.report(argument, "choose another name", "every method has its own %q in Go", name)
			}
		}
	}
}
