package codec_test

import (
	"fmt"

	"github.com/parley-rpc/parley/runtime/codec"
)

// A message of two values, without generated code.
func ExampleReadString() {
	message := codec.WriteUint16(nil, 3)
	message = codec.WriteString(message, "hello")
	fmt.Printf("% x\n", message)

	number, rest, err := codec.ReadUint16(message)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _, err := codec.ReadString(rest)
	fmt.Println(number, text, err)

	_, _, err = codec.ReadString(rest[:4])
	fmt.Println(err)
	// Output:
	// 00 03 00 05 68 65 6c 6c 6f
	// 3 hello <nil>
	// offset 0: string of 5 bytes, only 2 remain
}

func ExampleWriteStringSlice() {
	fmt.Printf("% x\n", codec.WriteStringSlice(nil, []string{"a", "bc"}))
	// Output: 00 02 00 01 61 00 02 62 63
}

// A Decoder is asked for its error once, when all has been read.
func ExampleDecoder() {
	message := codec.WriteString(nil, "alice")
	message = codec.WriteBool(message, true)

	var d codec.Decoder
	d.Reset(message, true)
	name, online := d.String("name"), d.Bool("online")
	fmt.Println(name, online, d.Err())

	d.Reset(message[:7], true)
	d.String("name")
	d.Bool("online")
	fmt.Println(d.Err())
	// Output:
	// alice true <nil>
	// online at offset 7: missing
}

// A struct as generated code reads and writes it, and a list of them.
func ExampleUnmarshal() {
	type user struct {
		Name string
		Age  uint8
	}
	write := func(buf []byte, u user) []byte {
		buf, start := codec.BeginLength(buf)
		buf = codec.WriteString(buf, u.Name)
		buf = codec.WriteUint8(buf, u.Age)
		return codec.EndLength(buf, start)
	}
	read := func(d *codec.Decoder, field string) (u user) {
		body := d.Begin(field)
		u.Name = d.String("name")
		u.Age = d.Uint8("age")
		d.End(body, field)
		return u
	}
	readAll := func(d *codec.Decoder, field string) []user {
		return codec.ReadSlice(d, field, 2, read)
	}

	data := codec.WriteSlice(nil, []user{{"alice", 30}, {"bob", 40}}, write)
	fmt.Printf("% x\n", data)

	var users []user
	fmt.Println(codec.Unmarshal(data, "users", &users, readAll), users)

	data[13] = 90 // the length of bob's name
	fmt.Println(codec.Unmarshal(data, "users", &users, readAll))
	// Output:
	// 00 02 00 08 00 05 61 6c 69 63 65 1e 00 06 00 03 62 6f 62 28
	// <nil> [{alice 30} {bob 40}]
	// users[1] at offset 12: struct of 90 bytes, only 6 remain
}
