package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// tell has Tony say numbers.
func (d *desk) tell(from, to int) {
	d.t.Helper()
	for i := from; i <= to; i++ {
		d.events(saidBy("Tony", fmt.Sprint(i), uint64(i)))
	}
}

// pane returns the rows of the message pane, with blanks between them.
func (d *desk) pane() string {
	d.t.Helper()
	rows := strings.Split(d.screen(), "\n")
	for i := range rows {
		rows[i] = strings.TrimPrefix(rows[i], "Tony: ")
	}
	return strings.Join(rows[:len(rows)-2], " ")
}

// TestRead: what is being read stays where it is while more is said, and how much is said; End and Esc go back.
func TestRead(t *testing.T) {
	d := newDesk(t, 40, 6) // four rows of messages
	d.tell(1, 20)
	for _, step := range []struct{ key, want, status string }{
		{"", "17 18 19 20", "F1 help"},
		{"pgup", "14 15 16 17", "End to go back"},
		{"ctrl+up", "13 14 15 16", "End to go back"},
		{"tell", "13 14 15 16", "5 new below"},
		{"pgdown", "16 17 18 19", "5 new below"},
		{"ctrl+down", "17 18 19 20", "5 new below"},
		{"end", "22 23 24 25", "F1 help"},
		{"pgup", "19 20 21 22", "End to go back"},
		{"esc", "22 23 24 25", "F1 help"},
		{"ctrl+up", "21 22 23 24", "End to go back"},
		{"pgdown", "22 23 24 25", "F1 help"},
		{"pgdown", "22 23 24 25", "F1 help"},
	} {
		if step.key == "tell" {
			d.tell(21, 25)
			d.log.markUnread(nil)
		} else if step.key != "" {
			d.keys(step.key)
		}
		if got := d.pane(); got != step.want {
			t.Errorf("%s: got %s, want %s", step.key, got, step.want)
		}
		d.has(step.status)
	}
}

// TestHistory: above the first message there is what the servers keep, as far as that goes; nothing is there twice.
func TestHistory(t *testing.T) {
	d := newDesk(t, 40, 7)
	for i := range uint64(250) {
		d.room.history = append(d.room.history, saidBy("Tony", fmt.Sprint(i+1), i+1))
	}
	late := saidBy("Tony", "200", 200)
	late.Late = true
	d.events(d.room.history[248], d.room.history[249], late)
	d.keys("pgup")
	if got, want := d.pane(), "246 247 248 ── you came in here ──────────────────── -- you are here as Elon"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for range 100 {
		d.keys("pgup")
	}
	if got, want := d.pane(), "── the servers keep nothing older ────── 1 2 3 4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	seen := make(map[string]int)
	for _, e := range d.log.entries {
		if e.message != nil {
			seen[e.text]++
		}
	}
	for i := range 250 {
		if n := seen[fmt.Sprint(i+1)]; n != 1 {
			t.Errorf("message %d is there %d times, want once", i+1, n)
		}
	}
	d.keys("end")
	d.has("Tony #late: 200\n s1")
}

// TestImpatientReader: older messages that come when nobody wants them any more move nothing.
func TestImpatientReader(t *testing.T) {
	d := newDesk(t, 40, 6)
	for i := range uint64(50) {
		d.room.history = append(d.room.history, saidBy("Tony", fmt.Sprint(i+1), i+1))
	}
	for _, m := range d.room.history[40:] {
		d.events(m)
	}
	var cmd tea.Cmd
	for range 10 {
		if _, cmd = d.Update(named["pgup"]); cmd != nil {
			break
		}
	}
	if cmd == nil {
		t.Fatal("got no question for older messages")
	}
	d.keys("end")
	d.update(cmd())
	if got, want := d.pane(), "47 48 49 50"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCircles: a server that answers with the same page again is asked no more.
func TestCircles(t *testing.T) {
	d := newDesk(t, 40, 6)
	m := saidBy("Tony", "5", 5)
	d.events(m)
	d.keys("pgup")
	d.log.entries = d.log.entries[1:] // the beginning
	d.update(pageMsg{messages: []*client.Message{saidBy("Tony", "4", 4)}})
	d.missing = 100
	d.update(pageMsg{messages: []*client.Message{saidBy("Tony", "4", 4)}})
	d.keys("pgup")
	d.has("the servers keep nothing older")
}

// TestNoHistory: one who comes into an empty room is told so.
func TestNoHistory(t *testing.T) {
	d := newDesk(t, 40, 10)
	d.keys("pgup", "pgup")
	d.shows(`
── the servers keep nothing older ──────
-- you are here as Elon
-- connected to s1
 s1 · lb1                       F1 help
›
`)
}

// TestBounded: the last messages are kept, and history has the others again.
func TestBounded(t *testing.T) {
	d := newDesk(t, 40, 7)
	var all []client.Event
	for i := range uint64(3 * keptEntries) {
		m := saidBy("Tony", fmt.Sprint(i+1), i+1)
		d.room.history = append(d.room.history, m)
		all = append(all, m)
	}
	for len(all) > 0 {
		d.events(all[:1000]...)
		all = all[1000:]
	}
	if n := len(d.log.entries); n > keptEntries || n < keptEntries*9/10 {
		t.Errorf("got %d entries, want about %d", n, keptEntries)
	}
	for range 2 * keptEntries / d.log.height {
		d.keys("pgup")
	}
	top := d.log.entries[d.log.top].text
	if n := len(d.log.entries); n <= keptEntries || n > 2*keptEntries {
		t.Errorf("while reading: got %d entries, want at most %d", n, 2*keptEntries)
	}
	if d.pane() == "" || top == "" || d.log.following {
		t.Errorf("got %q at the top, want an old message", top)
	}
	before := d.pane()
	d.tell(3*keptEntries+1, 3*keptEntries+500)
	if got := d.pane(); got != before {
		t.Errorf("got %s, want %s as before", got, before)
	}
	d.keys("end")
	if n := len(d.log.entries); n > keptEntries {
		t.Errorf("after reading: got %d entries, want at most %d", n, keptEntries)
	}
	for _, e := range d.log.entries {
		if e.kind == gap {
			t.Errorf("got a gap of %d, want none", e.left)
		}
	}
}

// TestGap: what is left out between what is read and the newest is said, with its number.
func TestGap(t *testing.T) {
	d := newDesk(t, 40, 6)
	d.tell(1, 10)
	d.keys("pgup")
	before := d.pane()
	var all []client.Event
	for i := range uint64(5 * keptEntries) {
		all = append(all, saidBy("Tony", fmt.Sprint(i+11), i+11))
	}
	for len(all) > 0 {
		d.events(all[:1000]...)
		all = all[1000:]
	}
	if got := d.pane(); got != before {
		t.Errorf("got %s, want %s as before", got, before)
	}
	left, there := 0, 0
	for _, e := range d.log.entries {
		left += e.left
		if e.message != nil {
			there++
		}
	}
	if there+left != 5*keptEntries+10 || len(d.log.entries) > 2*keptEntries {
		t.Errorf("got %d messages and %d left out, want %d in all", there, left, 5*keptEntries+10)
	}
}

// TestBytes: messages may be long.
func TestBytes(t *testing.T) {
	d := newDesk(t, 40, 6)
	for i := range uint64(600) {
		d.events(saidBy("Tony", strings.Repeat("long ", 3000), i+1))
	}
	bytes := 0
	for _, e := range d.log.entries {
		bytes += e.size()
	}
	if bytes != d.log.bytes || bytes > keptBytes {
		t.Errorf("got %d bytes, counted as %d, want at most %d", bytes, d.log.bytes, keptBytes)
	}
}

// TestResizeWhileReading: the message at the top stays there.
func TestResizeWhileReading(t *testing.T) {
	d := newDesk(t, 40, 6)
	d.tell(1, 50)
	d.keys("pgup", "pgup")
	want := d.log.entries[d.log.top].text
	for _, width := range []int{10, 80, 3, 40} {
		d.update(tea.WindowSizeMsg{Width: width, Height: 6})
		if got := d.log.entries[d.log.top].text; got != want {
			t.Errorf("%d columns: got %s at the top, want %s", width, got, want)
		}
	}
	d.update(tea.WindowSizeMsg{Width: 40, Height: 100})
	if !d.log.following {
		t.Error("got a pane that reads, want one that follows, since all is on it")
	}
}
