package complete

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// TestPeople: who spoke last is offered first, and who has left is forgotten.
func TestPeople(t *testing.T) {
	p := new(People)
	check := func(when string, want ...string) {
		t.Helper()
		if got := p.Names(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	spoke := func(from string, want bool) {
		t.Helper()
		if got := p.Spoke(&client.Message{From: from}); got != want {
			t.Errorf("%s spoke: got somebody new %v, want %v", from, got, want)
		}
	}
	check("at the beginning")
	p.Here([]string{"Elon", "Robert", "Tony\x1b"})
	check("nobody spoke", "Elon", "Robert", "Tony")
	spoke("Tony", false)
	spoke("Zoë", true)
	check("two spoke", "Zoë", "Tony", "Elon", "Robert")
	if p.Spoke(&client.Message{From: "Robert", Own: true}) {
		t.Error("got somebody new, want that one is no stranger to oneself")
	}
	p.Met("Elon")
	spoke("Tony", false)
	check("one was spoken to", "Tony", "Elon", "Zoë", "Robert")
	p.Here([]string{"Robert", "Zoë", "Tony"})
	check("one left", "Tony", "Zoë", "Robert")
}

// TestManyPeople: of those who speak some are remembered, and all who are here are.
func TestManyPeople(t *testing.T) {
	p := new(People)
	p.Here([]string{"Tony"})
	for i := range 3 * keptSpoken {
		p.Met(fmt.Sprint("user ", i))
	}
	got := p.Names()
	if want := fmt.Sprint("user ", 3*keptSpoken-1); got[0] != want {
		t.Errorf("got %q first, want %q", got[0], want)
	}
	if got[len(got)-1] != "Tony" || len(got) != keptSpoken+1 {
		t.Errorf("got %d names, want %d: %s", len(got), keptSpoken+1, strings.Join(got, ", "))
	}
}
