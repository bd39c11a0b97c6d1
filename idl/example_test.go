package idl_test

import (
	"errors"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

func ExampleLoad() {
	root := fstest.MapFS{"chat/chat.parley": {Data: []byte(`
package chat

service Room = 1 {
	0: Join(name string) (token bytes)
	1: Watch(since uint64) (lines stream string)
}
`)}}
	schema, err := idl.Load(idl.Root{FS: root}, "chat")
	if err != nil {
		fmt.Println(err)
		return
	}
	for decl := range schema.Package("chat").Decls() {
		service, ok := decl.(*idl.Service)
		if !ok {
			continue
		}
		for _, m := range service.Methods {
			fmt.Printf("%#04x %s.%s unary=%t\n", m.WireType(), service.FullName(), m.Name, m.Unary())
		}
	}
	// Output:
	// 0x0100 chat.Room.Join unary=true
	// 0x0101 chat.Room.Watch unary=false
}

func ExampleLoad_mistakes() {
	root := fstest.MapFS{"chat/chat.parley": {Data: []byte(`package chat

struct Line {
	by strin
}
`)}}
	_, err := idl.Load(idl.Root{FS: root, Name: "examples"}, "chat")
	var mistakes syntax.ErrorList
	if errors.As(err, &mistakes) {
		mistakes.Print(os.Stdout)
	}
	// Output:
	// examples/chat/chat.parley:4:5: "strin" is not declared
	//     	by strin
	//     	   ^~~~~
	//     hint: did you mean string?
}
