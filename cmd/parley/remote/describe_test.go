package remote

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/idl/syntax"
)

const twoRooms = `-- base/base.parley --
package base
struct Name { text string }
-- one/room/room.parley --
package room
import "base"
service Room = 1 { 0: Join(name base.Name); 1: Leave() }
service Hall = 3 { 0: Open() }
-- two/room/room.parley --
package room
service Room = 2 { 0: Join() }
`

func TestMethodNames(t *testing.T) {
	d, err := parse("here", []string{"one/room.Room", "two/room.Room", "one/room.Hall"}, twoRooms)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"one/room.Room.Join": "one/room.Room.Join",
		"two/room.Room/Join": "two/room.Room.Join",
		"Room.Leave":         "one/room.Room.Leave",
		"room.Hall.Open":     "one/room.Hall.Open",
	} {
		m, err := d.Method(name)
		if err != nil || FullMethod(m) != want {
			t.Errorf("%s: got %v, %v; want %s", name, m, err, want)
		}
	}
	for name, want := range map[string]string{
		"Room.Join":   `"Room.Join" is ambiguous: one/room.Room.Join and two/room.Room.Join`,
		"Hall.Opne":   `there is no method "Hall.Opne", did you mean "Hall.Open"?`,
		"open":        `"open" names no method, want Service.Method, did you mean "Hall.Open"?`,
		"":            `"" names no method, want Service.Method: there are one/room.Room.Join, one/room.Room.Leave, two/room.Room.Join, Hall.Open`,
		"Chat.Listen": `there is no method "Chat.Listen": there are one/room.Room.Join, one/room.Room.Leave, two/room.Room.Join, Hall.Open`,
	} {
		if _, err := d.Method(name); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
	want := []string{"one/room.Room.Join", "one/room.Room.Leave", "two/room.Room.Join", "Hall.Open"}
	if got := d.Methods(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestServerWithoutServices is no mistake of the server's.
func TestServerWithoutServices(t *testing.T) {
	d, err := parse("here", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	want := `there is no method "A.B": the server has none`
	if _, err := d.Method("A.B"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWrongDescriptions(t *testing.T) {
	for _, c := range []struct{ services, archive, want string }{
		{"a.A", "-- ../a/a.parley --\npackage a\n", "invalid path"},
		{"a.A", "-- a/a.parley --\npackage a\n-- a/a.parley --\npackage a\n", "duplicate"},
		{"a.A", "-- a/a.parley --\npackage a\nstruct A {}\n", `package "a" has no service "A"`},
		{"A", "-- a/a.parley --\npackage a\n", `service "A" has no package`},
		{"b.A", "-- a/a.parley --\npackage a\n", `package "b"`},
		{"../b.A", "-- a/a.parley --\npackage a\n", `no package "../b"`},
	} {
		if _, err := parse("here", []string{c.services}, c.archive); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want one about %q", c.archive, err, c.want)
		}
	}
	_, err := parse("here:1", []string{"a.A"}, "-- a/a.parley --\npackage a\nservice A = 1 { 0: Do(x nosuch.T) }\n")
	if list, ok := errors.AsType[syntax.ErrorList](err); !ok || list[0].File != "here:1/a/a.parley" {
		t.Errorf("got %v, want mistakes in here:1/a/a.parley", err)
	}
}
