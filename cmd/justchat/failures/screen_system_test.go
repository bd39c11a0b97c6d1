//go:build system

package failures_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSystemTalk is two people who talk to all, and to each other.
func TestSystemTalk(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	elon.sees(`1 here`)
	tony := x.sit(seat{user: "Tony", addresses: addresses})
	tony.sees(`2 here`)
	elon.sees(`2 here`)

	elon.says("hello all")
	elon.sees(`^hello all$`)
	tony.sees(`^Elon: hello all$`)
	if elon.is("window_bell_flag") {
		t.Error("the bell rings for what is said to all")
	}
	tony.says("#message #Elon #a word")
	elon.sees(`^Tony #private: a word$`)
	if !elon.is("window_bell_flag") {
		t.Error("no bell rings for a private message")
	}
	tony.sees(`^#private to Elon: a word$`)

	tony.types("half a li") // what comes in does not disturb it
	elon.says("one more")
	tony.sees(`(?s)^Elon: one more$.*^› half a li$`)
	tony.types("ne")
	tony.presses("Enter")
	elon.sees(`^Tony: half a line$`)
	tony.sees(`^half a line$`)
	if shown := elon.shown(); strings.Contains(shown, "Elon: ") {
		t.Errorf("one's own lines have a name:\n%s", shown)
	}
	elon.presses("F4")
	elon.sees(`^\d\d:\d\d hello all$`)
	elon.presses("F4")
	elon.sees(`^hello all$`)
	elon.says("#quit")
	elon.sees(`^status 0$`)
}

// TestSystemTab completes who is spoken to, a command, a user and a path.
func TestSystemTab(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	tony := x.sit(seat{user: "Tony", addresses: addresses})
	elon.sees(`2 here`)
	elon.says("I am here")
	tony.sees(`^Elon: I am here$`)

	tony.types("el")
	tony.presses("Tab")
	tony.sees(`^› Elon:$`)
	tony.types("hi")
	tony.presses("Enter")
	elon.sees(`^Tony: Elon: hi$`)

	tony.types("#me")
	tony.presses("Tab")
	tony.sees(`^› #message #$`)
	tony.types("E")
	tony.presses("Tab")
	tony.sees(`^› #message #Elon #$`)
	tony.types("psst")
	tony.presses("Enter")
	elon.sees(`^Tony #private: psst$`)

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "SELDOM_2016.png"), []byte("picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	tony.types("#share #" + dir + "/S")
	tony.presses("Tab")
	tony.await("the path", func(shown string) bool {
		return strings.Contains(strings.ReplaceAll(shown, "\n  ", ""), dir+"/SELDOM_2016.png")
	})
}

// TestSystemHistory scrolls back to what was said before somebody came.
func TestSystemHistory(t *testing.T) {
	c, x := newCluster(t, 1, 1, 1), newTmux(t)
	elon := c.join("Elon")
	for i := range 300 {
		if _, err := elon.say(t.Context(), "message "+strings.Repeat("x", i%100)+" "+string(rune('一'+i))); err != nil {
			t.Fatal(err)
		}
	}
	elon.tell("the last message")
	tony := x.sit(seat{user: "Tony", addresses: c.addresses})
	tony.sees(`2 here`)
	first := regexp.MustCompile(`(?m)^Elon: message\s+一$`)
	tony.await("the first message, after many PageUps", func(shown string) bool {
		if first.MatchString(shown) {
			return true
		}
		tony.presses("PageUp")
		return false
	})
	elon.tell("something new")
	tony.sees(`1 new`)
	tony.presses("End")
	tony.sees(`^Elon: something new$`)
}

// TestSystemResize makes the window small and large again, while something is typed.
func TestSystemResize(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	elon.sees(`1 here`)
	elon.says(strings.Repeat("a long text ", 6) + "end")
	elon.sees(`^(a long text ){6}end$`)
	elon.types("a draft that is wider than the small window is")
	elon.resize(40, 10)
	elon.sees(`(?s)^a long text .*\n.*text end$.*^› a draft that is wider`)
	if shown := elon.shown(); strings.Count(shown, "\n") > 9 {
		t.Errorf("got more than ten rows:\n%s", shown)
	}
	elon.resize(80, 24)
	elon.sees(`(?s)^(a long text ){6}end$.*^› a draft that is wider than the small window is$`)
	elon.resize(20, 5)
	elon.sees(`^› a draft`)
	elon.resize(200, 50)
	elon.sees(`(?s)^(a long text ){6}end$.*^› a draft that is wider than the small window is$`)
}

// TestSystemHelp shows the keys and commands, and leads back.
func TestSystemHelp(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	elon.sees(`1 here`)
	elon.types("draft")
	elon.presses("F1")
	elon.sees(`(?s)^ Help .*Tab +completes.*#share #user #/path`)
	elon.resize(40, 10)
	elon.sees(`(?s)^ Help .*↑↓ more`)
	elon.presses("End")
	elon.sees(`(?s)^ Help .*#quit +Leave$`)
	elon.presses("F1")
	elon.sees(`^› draft$`)
}
