package tui

import (
	"errors"
	"fmt"
	"image/color"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
)

func TestRoom(t *testing.T) {
	d := newDesk(t, 50, 12)
	d.update(usersMsg{"Elon", "Robert", "Tony"})
	d.keys("hello", "enter")
	d.events(
		saidBy("Tony", "hi", 1),
		&client.Message{From: "Robert", Text: "psst", Private: true, Sent: midday},
		&client.Message{From: "Tony", Text: "I was cut off", Late: true, Sent: midday},
		&client.Acknowledged{Number: 1, Copies: 2},
		&client.Message{From: "Elon", Own: true, Text: "hello", Number: 1, Sent: midday},
		&client.Acknowledged{To: "Robert", Number: 7, Text: "what?"},
	)
	d.keys("a dra", "left")
	d.shows(`
-- you are here as Elon
-- connected to s1
Tony: hi
Robert #private: psst
Tony #late: I was cut off
hello
#private to Robert: what?
 s1 · lb1 · 3 here                        F1 help
› a dra
`)
	if c := d.View().Cursor; c == nil || c.X != len("› a dr")-2 || c.Y != 11 {
		t.Errorf("got the cursor %+v, want it before the last letter of the last row", c)
	}
}

// TestDraft: whatever comes, and however long one reads, the draft and its cursor stay.
func TestDraft(t *testing.T) {
	d := newDesk(t, 60, 10)
	d.keys("one", "ctrl+j", "two", "left")
	before, cursor := d.input.view(), *d.View().Cursor
	for i := range uint64(2000) {
		d.events(saidBy("Tony", strings.Repeat("word ", int(i%40)), i+1), &client.State{Kind: client.NoServer})
	}
	d.keys("pgup", "pgup")
	d.update(tea.BlurMsg{})
	d.events(saidBy("Tony", "more", 5000))
	if got := d.input.view(); got != before {
		t.Errorf("got the text box\n%s\nwant\n%s", got, before)
	}
	if got := d.View().Cursor; got == nil || got.X != cursor.X || got.Y != cursor.Y {
		t.Errorf("got the cursor %+v, want %+v", got, cursor)
	}
	if got, want := d.input.value(), "one\ntwo"; got != want {
		t.Errorf("got the draft %q, want %q", got, want)
	}
}

// TestOutgoing: what was said stands below the messages until the room shows it, and counts until it is acknowledged.
func TestOutgoing(t *testing.T) {
	d := newDesk(t, 60, 12)
	d.keys("first", "enter", "second", "enter")
	d.has("\nfirst …\nsecond …\n s1 · lb1 · 2 not acknowledged")
	d.events(&client.Message{From: "Elon", Own: true, Text: "first", Number: 1})
	d.has("\nfirst\nsecond …\n s1 · lb1 · 2 not acknowledged")
	d.events(&client.Acknowledged{Number: 1, Copies: 2}, &client.Failed{Number: 2, Text: "second", Err: errors.New("no")})
	d.has("\nfirst\n-- not sent: no: second\n s1 · lb1  ")
	d.keys("#message #Tony #psst", "enter")
	d.has("\n#private to Tony: psst …\n")
	d.keys("3", "enter", "4", "enter", "5", "enter")
	d.has("\n3 … and 1 before it\n4 …\n5 …\n s1 · lb1 · 4 not")
	if got, want := strings.Join(d.room.calls, "|"), "Send first|Send second|SendPrivate Tony psst|Send 3|Send 4|Send 5"; got != want {
		t.Errorf("got the calls %q, want %q", got, want)
	}
}

// TestNotSent: a draft that cannot be sent stays, and why is said until the next key.
func TestNotSent(t *testing.T) {
	for text, why := range map[string]string{
		"#foo bar": "there is no command #foo", "too much": "too long", "#message Tony": "type it as #message #user #text",
	} {
		d := newDesk(t, 60, 8)
		d.keys(text, "enter")
		d.has(why)
		if got := d.input.value(); got != text {
			t.Errorf("got the draft %q, want %q", got, text)
		}
		d.keys("left")
		d.hasNot(why)
	}
}

func TestTooLong(t *testing.T) {
	d := newDesk(t, 60, 8)
	d.update(tea.PasteMsg{Content: strings.Repeat("ä", 8<<10) + "\nb"})
	d.has("too long to be sent: 2 bytes over 16384")
	d.keys("backspace", "backspace")
	d.hasNot("too long")
}

// TestPaste: many lines are one message, whatever ends them, and nothing of it moves the terminal's cursor.
func TestPaste(t *testing.T) {
	d := newDesk(t, 60, 8)
	d.update(tea.PasteMsg{Content: "one\r\ntwo\x1b[2J\n\tthree"})
	d.keys("enter")
	if got, want := strings.Join(d.room.calls, "|"), "Send one\ntwo\n three"; got != want {
		t.Errorf("got the calls %q, want %q", got, want)
	}
}

// TestLongDraft: of a draft of many lines the box shows those around the cursor, however they came there.
func TestLongDraft(t *testing.T) {
	lines := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10"
	d := newDesk(t, 40, 24)
	check := func(when, first, last string, row int) {
		t.Helper()
		rows := strings.Split(d.screen(), "\n")
		if got := strings.TrimSpace(strings.TrimPrefix(rows[len(rows)-inputRows], "›")); got != first {
			t.Errorf("%s: got %q in the first row, want %q", when, got, first)
		}
		if got := strings.TrimSpace(strings.TrimPrefix(rows[len(rows)-1], "›")); got != last {
			t.Errorf("%s: got %q in the last row, want %q", when, got, last)
		}
		if c := d.View().Cursor; c == nil || c.Y != row {
			t.Errorf("%s: got the cursor %+v, want it in row %d", when, c, row)
		}
	}
	d.update(tea.PasteMsg{Content: lines})
	check("pasted", "6", "10", 23)
	d.keys("enter", "up")
	check("recalled", "6", "10", 23)
	d.keys("up", "up", "up", "up", "up")
	check("above", "5", "9", 19)
	d.update(tea.WindowSizeMsg{Width: 30, Height: 24})
	check("resized", "5", "9", 19)
}

func TestRecall(t *testing.T) {
	d := newDesk(t, 60, 8)
	d.keys("one", "enter", "two", "ctrl+j", "lines", "enter", "draft")
	for _, step := range []struct{ key, want string }{
		{"up", "two\nlines"}, {"up", "two\nlines"}, {"up", "one"}, {"up", "one"}, {"down", "two\nlines"}, {"down", "draft"}, {"down", "draft"},
	} {
		d.keys(step.key)
		if got := d.input.value(); got != step.want {
			t.Errorf("%s: got the draft %q, want %q", step.key, got, step.want)
		}
	}
}

func TestCommands(t *testing.T) {
	d := newDesk(t, 60, 20)
	d.room.users = []string{"Elon", "Tony"}
	d.keys("#users", "enter")
	d.has("\n› #users\n-- here are 2:\n   Elon\n   Tony\n")
	d.keys("#search", "enter")
	d.has("type it as #search words")
}

// TestWrong: what the person did not get is as loud as what people say, and the client's other words are not.
func TestWrong(t *testing.T) {
	d := newDesk(t, 60, 20)
	for event, want := range map[client.Event]lipgloss.Style{
		&client.Failed{Number: 1, Text: "hi", Err: client.ErrTooLong}: d.layout.styles.Wrong,
		&client.State{Kind: client.NoServer, Reason: "it is gone"}:    d.layout.styles.Note,
		&client.Transfer{ID: 1, Name: "a", State: client.Declined}:    d.layout.styles.Wrong,
	} {
		d.events(event)
		row := d.log.rowsOf(d.log.entries[len(d.log.entries)-1])[0]
		if plain := ansi.Strip(row); row != want.Render(plain) {
			t.Errorf("%T: got %q, want %q", event, row, want.Render(plain))
		}
	}
}

// TestUnread: the rule stands above the first message that the person did not see, until she says something.
func TestUnread(t *testing.T) {
	d := newDesk(t, 40, 12)
	d.events(saidBy("Tony", "one", 1))
	d.update(tea.BlurMsg{})
	d.events(saidBy("Tony", "two", 2))
	d.events(saidBy("Tony", "three", 3))
	d.update(tea.FocusMsg{})
	d.events(saidBy("Tony", "four", 4))
	d.has("Tony: one\n── new ─────────────────────────────────\nTony: two\nTony: three\nTony: four\n")
	d.update(tea.BlurMsg{})
	d.events(saidBy("Tony", "five", 5))
	d.has("Tony: four\n── new ─────────────────────────────────\nTony: five\n")
	d.keys("yes", "enter")
	d.hasNot("── new")
}

// TestBell: it rings for a private message and for one's name as a word, once a second.
func TestBell(t *testing.T) {
	for _, test := range []struct {
		m     client.Message
		rings bool
	}{
		{client.Message{From: "Tony", Text: "hi"}, false},
		{client.Message{From: "Tony", Text: "hi", Private: true}, true},
		{client.Message{From: "Tony", Text: "hi elon!"}, true},
		{client.Message{From: "Tony", Text: "ELON"}, true},
		{client.Message{From: "Tony", Text: "line\nElon: look"}, true},
		{client.Message{From: "Tony", Text: "melons"}, false},
		{client.Message{From: "Tony", Text: "elon2"}, false},
		{client.Message{From: "Tony", Text: "Elonä"}, false},
		{client.Message{From: "Elon", Text: "Elon", Own: true}, false},
	} {
		d := newDesk(t, 40, 10)
		if got := d.events(&test.m) == "bell"; got != test.rings {
			t.Errorf("%+v: got a bell %v, want %v", test.m, got, test.rings)
		}
	}
	d := newDesk(t, 40, 10)
	private := &client.Message{From: "Tony", Text: "hi", Private: true}
	now := midday
	d.layout.now = func() time.Time { return now }
	var got []string
	for range 4 {
		got = append(got, d.events(private, private))
		now = now.Add(400 * time.Millisecond)
	}
	if want := "[bell   bell]"; fmt.Sprint(got) != want {
		t.Errorf("every 400 ms: got %v, want %s", got, want)
	}
}

// TestLeave: leaving is asked about once if it loses something, and any other key forgets the question.
func TestLeave(t *testing.T) {
	d := newDesk(t, 70, 10)
	for _, keys := range [][]string{{"ctrl+c"}, {"ctrl+d"}, {"#quit", "enter"}} {
		if got := d.keys(keys...); got != "quit" {
			t.Errorf("%v: got %q, want quit", keys, got)
		}
	}
	if got := d.keys("x", "ctrl+d"); got != "" {
		t.Errorf("Ctrl-D in a draft: got %q, want nothing", got)
	}
	d.keys("enter")
	d.room.transfers = []client.Transfer{{ID: 1, State: client.Moving}, {ID: 2, State: client.Finished}}
	d.events(&client.Transfer{ID: 1, State: client.Moving})
	for _, step := range []struct{ key, want string }{{"ctrl+c", ""}, {"left", ""}, {"ctrl+c", ""}, {"ctrl+c", "quit"}} {
		if got := d.keys(step.key); got != step.want {
			t.Errorf("%s: got %q, want %q", step.key, got, step.want)
		}
		if asks := strings.Contains(d.screen(), "not acknowledged: 1, files on their way: 1"); asks != (step.key == "ctrl+c" && step.want == "") {
			t.Errorf("%s: got a question %v", step.key, asks)
		}
	}
}

// TestQuitTwice: who types #quit is asked too, and typing it again is the answer.
func TestQuitTwice(t *testing.T) {
	d := newDesk(t, 70, 10)
	d.keys("said", "enter")
	for _, step := range []struct{ typed, want string }{{"#quit", ""}, {"no", ""}, {"#quit", ""}, {"#quit", "quit"}} {
		if got := d.keys(step.typed, "enter"); got != step.want {
			t.Errorf("%s: got %q, want %q", step.typed, got, step.want)
		}
	}
}

// TestOffer: the pane has keys of its own while it has the focus, and the draft has none of them.
func TestOffer(t *testing.T) {
	d := newDesk(t, 70, 14)
	d.keys("draft")
	d.room.offers = []client.Offer{{ID: 3, From: "Tony", Private: true, Name: "SELDOM_2016.png", Size: 5, Sent: midday}}
	if got := d.events(&client.Offered{Offer: d.room.offers[0]}); got != "bell" {
		t.Errorf("got %q, want a bell", got)
	}
	d.has("SELDOM_2016.png")
	d.keys("a", "f2", "a")
	if d.View().Cursor != nil {
		t.Error("the text box has a cursor while the pane has the keys")
	}
	d.room.offers = nil
	d.events(&client.OfferEnded{Offer: client.Offer{ID: 3}})
	d.keys("b")
	if got, want := d.input.value(), "draftab"; got != want {
		t.Errorf("got the draft %q, want %q", got, want)
	}
	if got, want := strings.Join(d.room.calls, "|"), "Accept 3"; got != want {
		t.Errorf("got the calls %q, want %q", got, want)
	}
	d.keys("f2")
	d.has("nobody offers a file at the moment")
}

// TestPaneAgain: whoever turns to a pane sees at once what its keys are about, whatever it was about before.
func TestPaneAgain(t *testing.T) {
	d := newDesk(t, 80, 16)
	move := func(all ...client.Transfer) {
		d.room.transfers = all
		d.events(&client.Transfer{ID: 2, State: client.Moving})
	}
	move(client.Transfer{ID: 1, Name: "a.bin", With: "Tony", Sending: true, State: client.Moving, Size: 10})
	d.keys("f3", "esc")
	move(client.Transfer{ID: 2, Name: "b.bin", With: "Tony", Sending: true, State: client.Moving, Size: 10})
	d.keys("f3")
	d.has("▸ 2")
	d.keys("c", "y")
	if got := strings.Join(d.room.calls, "|"); got != "Cancel 2" {
		t.Errorf("got the calls %q, want that the second is cancelled", got)
	}
}

// TestTypedIntoPane: what is typed while a pane has the keys is not lost without a word.
func TestTypedIntoPane(t *testing.T) {
	d := newDesk(t, 80, 16)
	d.room.offers = []client.Offer{{ID: 1, From: "Tony", Name: "a.bin", Private: true, Sent: midday}}
	d.events(&client.Offered{Offer: d.room.offers[0]})
	d.keys("f2", "down")
	d.hasNot("Esc leads back")
	d.keys("h")
	d.has("the keys are the pane's now; Esc leads back to the text")
	d.keys("esc", "h")
	d.hasNot("Esc leads back")
	d.has("› h")
}

func TestHelpComesAndGoes(t *testing.T) {
	d := newDesk(t, 70, 24)
	d.keys("draft", "f1")
	d.has("#message #user #text")
	d.keys("x")
	d.hasNot("#message #user #text")
	d.has("› draft")
}

// TestHelpScrolls: where there is no room for all of the help, keys show the rest.
func TestHelpScrolls(t *testing.T) {
	d := newDesk(t, 40, 10)
	d.keys("f1")
	d.hasNot("F3 Alt-F")
	d.keys("pgdown")
	d.has("F3 Alt-F")
	for range 10 {
		d.keys("down", "pgdown")
	}
	d.has("\n  #quit")
	d.update(tea.WindowSizeMsg{Width: 40, Height: 20})
	d.has("\n  #quit")
	d.keys("up", "x", "f1")
	d.has("Enter")
	d.keys("x")
	d.hasNot("Enter")
}

// TestLongNotice: why something was not done can be read to its end, where there is room for a few rows.
func TestLongNotice(t *testing.T) {
	d := newDesk(t, 40, 12)
	d.keys("#nothing", "enter")
	d.shows(`
-- you are here as Elon
-- connected to s1
 there is no command #nothing, and
 nothing was sent; #commands lists
 them, and ## begins a text with #
› #nothing
`)
	d.keys("left")
	d.has("F1 help")
}

// TestStates: what the status line says of the connection.
func TestStates(t *testing.T) {
	for _, test := range []struct {
		state client.State
		want  string
	}{
		{client.State{Kind: client.Connected, LoadBalancer: "lb2", Server: "s2", Copies: 2}, " s2 · lb2  "},
		{client.State{Kind: client.CopiesChanged, LoadBalancer: "lb1", Server: "s1", Copies: 1}, " s1 · lb1 · 1 copy "},
		{client.State{Kind: client.NoServer, LoadBalancer: "lb1", Reason: "s1 does not answer"}, " waiting for a server · lb1 · s1 does not answer "},
		{client.State{Kind: client.NoServer, LoadBalancer: "lb1", Reason: strings.Repeat("long ", 20)}, " waiting for a server · lb1  "},
		{client.State{Kind: client.NoLoadBalancer, Server: "s1", Copies: 2}, " s1 · waiting for a load balancer "},
		{client.State{Kind: client.NoLoadBalancer}, " no server · waiting for a load balancer "},
		{client.State{Kind: client.Held, LoadBalancer: "lb1", Server: "s1", Copies: 2, Reason: "its disk is full"}, " s1 · lb1 · what you say waits · its disk is full "},
	} {
		d := newDesk(t, 80, 8)
		d.events(&test.state)
		d.has("\n" + test.want)
	}
}

// TestBackground: names have another colour on a light background than on a dark one.
func TestBackground(t *testing.T) {
	for _, test := range []struct {
		environ []string
		answer  color.Color
		dark    bool
	}{
		{nil, nil, true},
		{nil, color.White, false},
		{nil, color.Black, true},
		{[]string{"COLORFGBG=0;15"}, nil, false},
		{[]string{"COLORFGBG=15;default;0"}, nil, true},
		{[]string{"COLORFGBG=x"}, nil, true},
	} {
		d := newDesk(t, 40, 10)
		d.environ = test.environ
		d.paint(theme.IsDark(test.environ))
		d.events(saidBy("Tony", "hi", 1))
		if test.answer != nil {
			d.update(tea.BackgroundColorMsg{Color: test.answer})
		}
		want := theme.New(test.environ, test.dark)
		if got := d.View().Content; !strings.Contains(got, want.Other.Render("Tony")) {
			t.Errorf("%q, %v: got %q, want the colours of a dark background: %v", test.environ, test.answer, got, test.dark)
		}
	}
}

// TestNarrow: the smaller the screen, the less there is on it; the text box is last to go.
func TestNarrow(t *testing.T) {
	d := newDesk(t, 80, 24)
	d.update(usersMsg{"Elon", "Tony"})
	d.events(saidBy("Tony", "hello there, how are you all today?", 1))
	d.keys("draft")
	for size, want := range map[[2]int]string{
		{40, 5}: "-- connected to s1\nTony: hello there, how are you all\n  today?\n s1 · lb1 · 2 here              F1 help\n› draft",
		{20, 6}: "-- connected to s1\nTony: hello there,\n how are you all\n today?\n s1 · lb1 · 2 here\n› draft",
		{14, 3}: " today?\n s1 · 2 here\n› draft",
		{14, 2}: " s1 · 2 here\n› draft",
		{14, 1}: "› draft",
	} {
		d.update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if got := d.screen(); got != want {
			t.Errorf("%v: got\n%s\nwant\n%s", size, got, want)
		}
	}
}

// TestHostile: nothing that a node says does anything to the terminal.
func TestHostile(t *testing.T) {
	const evil = "x\x1b[2J\x1b]52;c;eA==\a\ny"
	d := newDesk(t, 300, 30)
	clean := func(when string) {
		t.Helper()
		if got := d.View().Content; strings.Contains(got, "[2J") || strings.Contains(got, "\a") || strings.Contains(got, "]52") {
			t.Errorf("%s: got %q on the screen", when, got)
		}
	}
	d.events(
		&client.State{Kind: client.Held, Name: "Elon", LoadBalancer: evil, Server: evil, Reason: evil},
		&client.Failed{To: evil, Err: errors.New(evil), Text: evil},
		&client.Acknowledged{To: evil, Text: evil},
		saidBy("-"+names.Printable(evil, false), names.Printable(evil, true), 1))
	clean("events")
	d.update(usersMsg{evil})
	d.update(filesMsg{evil})
	d.update(noticeMsg(evil))
	d.update(answerMsg{lines: []string{evil}})
	d.update(answerMsg{err: errors.New(evil)})
	clean("answers")
	d.update(pageMsg{err: errors.New(evil)})
	clean("a notice")
	d.keys("#message #", "tab")
	clean("completion")
	door := newDoor(t, 80, 20)
	door.asked(errors.New(evil))
	d = door
	clean("the way in")
}

// TestAnySize: no size of the window, and no key in it, is too much.
func TestAnySize(t *testing.T) {
	d := newDesk(t, 80, 24)
	d.update(usersMsg{"Elon", "Tony"})
	d.room.history = []*client.Message{saidBy("Tony", "old", 1), saidBy("Robert", "older", 2)}
	d.room.offers = []client.Offer{{ID: 3, From: "Tony", Name: "SELDOM_2016.png", Size: 5, Sent: midday}}
	d.room.transfers = []client.Transfer{{ID: 1, State: client.Moving, Size: 9, Done: 3}, {ID: 2, State: client.Broken, Err: &justchat.NotHere{User: "Tony"}}}
	d.events(&client.Offered{}, &client.Transfer{})
	for width := range 24 {
		for height := range 9 {
			d.update(tea.WindowSizeMsg{Width: width, Height: height})
			d.events(saidBy("Tony", "日本語 and 👩 e\u0301 "+strings.Repeat("x", width), uint64(3+width*9+height)))
			for _, key := range []string{"a", "pgup", "ctrl+up", "f2", "up", "f3", "down", "f1", "pgdown", "f4", "ctrl+down", "end", "esc", "日", "ctrl+j", "tab"} {
				d.keys(key)
				d.screen()
			}
			d.keys("enter")
		}
	}
}
