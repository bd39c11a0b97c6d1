package lint_test

import (
	"fmt"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/lint"
)

func ExampleCheck() {
	root := fstest.MapFS{"chat/chat.parley": {Data: []byte(`// Package chat is for talking.
package chat

// Presence says whether a user is there.
enum Presence {
	Online = 1
}
`)}}
	schema, err := idl.Load(idl.Root{FS: root}, "chat")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, finding := range lint.Check(schema) {
		fmt.Println(finding)
		fmt.Println(finding.Rule, finding.Line, finding.Hint)
	}
	// Output:
	// chat/chat.parley:5:6: enum "Presence" has no value for 0 [enum-zero]
	// enum-zero 5 add what a missing value means, such as Unknown = 0
}
