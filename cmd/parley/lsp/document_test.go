package lsp

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	utf16code "unicode/utf16"
)

// TestChanges makes changes at random places and compares with a text that is kept in units of UTF-16, as editors do.
func TestChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s := newServer(testOptions(t, t.TempDir()))
	uri := uriOf(filepath.Join(t.TempDir(), "room.parley"))
	s.opened(documentParams{textDocument{URI: uri}})
	want := []uint16{}
	pieces := []string{"a", "é", "🙂", "\n", "package room", "\r\n", "struct Ä {\n", "", "}"}
	for range 2000 {
		start := boundary(want, random.IntN(len(want)+1))
		end := boundary(want, start+random.IntN(min(8, len(want)-start+1)))
		piece := pieces[random.IntN(len(pieces))]
		s.changed(changeParams{textDocument{URI: uri}, []change{{&Range{unitPosition(want, start), unitPosition(want, end)}, piece}}})
		want = slices.Replace(want, start, end, utf16code.Encode([]rune(piece))...)
		if got, want := s.documents[pathOf(uri)].text.raw, string(utf16code.Decode(want)); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// boundary moves i behind what belongs together: two halves of a character, two of a line end.
func boundary(text []uint16, i int) int {
	for i > 0 && i < len(text) && (utf16code.IsSurrogate(rune(text[i])) && text[i] >= 0xdc00 || text[i-1] == '\r' && text[i] == '\n') {
		i++
	}
	return i
}

// unitPosition returns the position of a unit.
func unitPosition(text []uint16, i int) Position {
	before := string(utf16code.Decode(text[:i]))
	lines := strings.Split(strings.ReplaceAll(before, "\r\n", "\n"), "\n")
	return Position{len(lines) - 1, len(utf16code.Encode([]rune(lines[len(lines)-1])))}
}

func TestChangeOfTheWholeText(t *testing.T) {
	c := startClient(t, nil)
	c.start()
	c.open("room/room.parley", "package room\n\nstruct A {\n")
	c.want("room/room.parley", "struct \"A\" is not closed\nput a \"}\" behind its last line")
	c.change("room/room.parley", change{Text: "package rom\n"}, change{&Range{Position{0, 9}, Position{0, 9}}, "o"})
	c.want("room/room.parley")
}

// TestDiagnosticsAreThoseOfTheLastChange changes faster than anybody can look.
func TestDiagnosticsAreThoseOfTheLastChange(t *testing.T) {
	c := startClient(t, nil)
	c.start()
	c.open("room/room.parley", "package room\n")
	for range 200 {
		c.change("room/room.parley", change{&Range{Position{0, 12}, Position{0, 12}}, "s"})
	}
	c.change("room/room.parley", change{&Range{Position{0, 12}, Position{0, 211}}, ""})
	c.want("room/room.parley", "package \"rooms\" does not bear the name of its folder, \"room\"\nwrite: package room")
}
