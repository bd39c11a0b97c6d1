package format_test

import (
	"fmt"

	"github.com/parley-rpc/parley/idl/format"
)

func ExampleSource() {
	text, err := format.Source("room.parley", []byte(`package room
enum Presence { Offline = 0; Away = 2 } // as others see it
@classic service Room = 1 { 0: Join(name string,) () }`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// package room
	//
	// enum Presence {
	// 	Offline = 0
	// 	Away    = 2
	// } // as others see it
	//
	// @classic
	// service Room = 1 {
	// 	0: Join(name string)
	// }
}
