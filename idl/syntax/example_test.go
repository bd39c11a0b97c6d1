package syntax_test

import (
	"fmt"
	"os"

	"github.com/parley-rpc/parley/idl/syntax"
)

func ExampleParse() {
	f, errs := syntax.Parse("room.parley", []byte(`package room

// FileInfo is what a room knows of a file.
struct FileInfo {
	name string
	size ?uint64
}
`))
	if len(errs) > 0 {
		errs.Print(os.Stderr)
		return
	}
	for _, d := range f.Decls {
		fmt.Println(f.Position(d.Pos()), d.Head().Name.Name)
		for _, field := range d.(*syntax.Struct).Fields {
			fmt.Println(f.Position(field.Pos()), field.Names[0].Name, field.Type)
		}
	}
	// Output:
	// room.parley:4:1 FileInfo
	// room.parley:5:2 name string
	// room.parley:6:2 size ?uint64
}

func ExampleErrorList_Print() {
	_, errs := syntax.Parse("room.parley", []byte(`package room

servce Room = 1 {
	0: Join(string name)
}
`))
	errs.Print(os.Stdout)
	// Output:
	// room.parley:3:1: unknown keyword "servce"
	//     servce Room = 1 {
	//     ^~~~~~
	//     hint: did you mean service?
	// room.parley:4:10: the type of a parameter stands behind its name
	//     	0: Join(string name)
	//     	        ^~~~~~~~~~~
	//     hint: write name string
}
