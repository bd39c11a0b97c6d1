package from_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
)

// roundTrip is a definition that Go carries but for what carriedBack changes.
const roundTrip = `// Package room is where people talk.
package room

// Presence says whether somebody is there.
enum Presence {
	// Offline is zero.
	Offline = 0
	Online  = 1
	Away    = 7
}

// Info is about a file.
struct Info {
	// Name has no folder.
	name     string
	userId   uint64
	sha256   bytes
	note     ?string
	numbers  ?[]int32
	presence map[Presence]?Info
	@deprecated("use sent")
	at   time
	sent duration
	code uint8
	last ?Event
}

// Said is a line.
struct Said {
	by   string
	text string
}

// Event is what happens.
union Event {
	1: said   Said
	2: left   string
	3: shared ?Info
}

// Full says that nobody else can come in.
@code(resource_exhausted)
error Full "the room is full"

// Taken says that another has the name.
@code(already_exists)
error Taken "the name {name} is taken, {{try}} {next} after {since} or {left}: {hash}, {presence}" {
	name     string
	next     uint32
	since    time
	left     duration
	hash     bytes
	presence Presence
	message  float64
}

// Room is a room.
service Room = 1 {
	// Join lets somebody in.
	0: Join(name string, seats uint8) (token bytes) throws Taken, Full
	1: Tell(user, target, message string)
	// List has two results.
	2: List() (users []string, more bool)
	// Watch gives what happens.
	3: Watch(since uint64) (events stream Event) throws Full
	@borrowed
	4: Put(info Info, chunks stream bytes) (id string)
	// Talk goes both ways.
	@deprecated("use Tell")
	5: Talk(lines stream string) (replies stream string)
	// Read gives what is there.
	@borrowed
	@deprecated("use Watch")
	6: Read(key bytes) (events stream Event) throws Full
}
`

// carriedBack changes a definition to what comes back of it: Go has no names for streams that are results, and a list or
// union that is optional is the same type there as one that is not.
var carriedBack = strings.NewReplacer("(events stream", "(result stream", "(replies stream", "(result stream", "?[]int32", "[]int32", "?Event", "Event")

// TestRoundTrip makes Go of a definition, and a definition of that.
func TestRoundTrip(t *testing.T) {
	schema, err := idl.Load(idl.Root{FS: fstest.MapFS{"room/room.parley": {Data: []byte(roundTrip)}}}, "room")
	if err != nil {
		t.Fatal(err)
	}
	files, err := gen.Generate(schema.Packages[0], func(path string) string { return "example.com/m/" + path })
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26.0\n\nrequire github.com/parley-rpc/parley v0.0.0\n\nreplace github.com/parley-rpc/parley => "+checkout+"\n")
	for _, f := range files {
		write(t, dir, "room/"+f.Name, string(f.Content))
	}
	sections := convert(t, dir, "./room.Room")
	if got, want := string(sections[0].Data), carriedBack.Replace(roundTrip); got != want || len(sections) > 1 {
		t.Errorf("got:\n%s\nwant:\n%s\nand no notes", got, want)
	}
}
