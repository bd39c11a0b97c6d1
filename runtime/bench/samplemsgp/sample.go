// Package samplemsgp is the MessagePack twin of package sample: the same messages, for
// the generator of github.com/tinylib/msgp.
package samplemsgp

import "time"

//go:generate go tool msgp -tests=false

type Chat struct {
	User    string `msg:"user"`
	Target  string `msg:"target"`
	Message string `msg:"message"`
}

type Lines struct {
	Lines []string `msg:"lines"`
}

type Note struct {
	Text   string `msg:"text"`
	Weight uint32 `msg:"weight"`
}

type Mixed struct {
	ID     uint64            `msg:"id"`
	Kind   uint16            `msg:"kind"`
	Delta  int32             `msg:"delta"`
	Ratio  float64           `msg:"ratio"`
	Live   bool              `msg:"live"`
	Name   string            `msg:"name"`
	Data   []byte            `msg:"data"`
	Origin Note              `msg:"origin"`
	Notes  []Note            `msg:"notes"`
	Scores map[string]uint32 `msg:"scores"`
	Reply  *string           `msg:"reply"`
	At     time.Time         `msg:"at"`
	Took   time.Duration     `msg:"took"`
}
