package breaking_test

import (
	"fmt"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/breaking"
)

func ExampleCompare() {
	var schemas []*idl.Schema
	for _, text := range []string{
		"package chat\n\nstruct Line {\n\tsize uint32\n}\n",
		"package chat\n\nstruct Line {\n\tsize uint64\n\tsentAt time\n}\n",
	} {
		root := fstest.MapFS{"chat/chat.parley": {Data: []byte(text)}}
		schema, err := idl.Load(idl.Root{FS: root}, "chat")
		if err != nil {
			fmt.Println(err)
			return
		}
		schemas = append(schemas, schema)
	}
	for _, finding := range breaking.Compare(schemas[0], schemas[1]) {
		fmt.Println(finding)
	}
	// Output:
	// chat/chat.parley:4:2: field "size" of struct "Line" has type uint64, and had uint32 [WIRE field-type]
}
