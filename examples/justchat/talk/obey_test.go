package talk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A fakeRoom notes what it is asked, and fails with err if that is set.
type fakeRoom struct {
	calls []string
	err   error

	offers    []client.Offer
	transfers []client.Transfer
	files     []justchat.File
	users     []string
	messages  []*client.Message
}

func (r *fakeRoom) note(format string, a ...any) (uint64, error) {
	r.calls = append(r.calls, fmt.Sprintf(format, a...))
	return uint64(len(r.calls)), r.err
}

func (r *fakeRoom) only(format string, a ...any) error {
	_, err := r.note(format, a...)
	return err
}

func (r *fakeRoom) Send(_ context.Context, text string) (uint64, error) {
	return r.note("Send %s", text)
}

func (r *fakeRoom) SendPrivate(_ context.Context, to, text string) (uint64, error) {
	return r.note("SendPrivate %s %s", to, text)
}

func (r *fakeRoom) History(_ context.Context, before *justchat.Record, n int) ([]*client.Message, error) {
	return r.messages, r.only("History %v %d", before, n)
}

func (r *fakeRoom) Search(_ context.Context, words []string, n int) ([]*client.Message, error) {
	return r.messages, r.only("Search %q %d", words, n)
}

func (r *fakeRoom) Users(context.Context) ([]string, error) { return r.users, r.err }

func (r *fakeRoom) Files(context.Context) ([]justchat.File, error) { return r.files, r.err }

func (r *fakeRoom) Share(_ context.Context, path string) (uint64, error) {
	return r.note("Share %s", path)
}

func (r *fakeRoom) SharePrivate(_ context.Context, to, path string) (uint64, error) {
	return r.note("SharePrivate %s %s", to, path)
}

func (r *fakeRoom) Get(_ context.Context, name string) (uint64, error) { return r.note("Get %s", name) }
func (r *fakeRoom) Remove(_ context.Context, name string) error        { return r.only("Remove %s", name) }
func (r *fakeRoom) Accept(id uint64) error                             { return r.only("Accept %d", id) }
func (r *fakeRoom) Decline(id uint64) error                            { return r.only("Decline %d", id) }
func (r *fakeRoom) Cancel(id uint64) error                             { return r.only("Cancel %d", id) }
func (r *fakeRoom) Offers() []client.Offer                             { return r.offers }
func (r *fakeRoom) Transfers() []client.Transfer                       { return r.transfers }

// obey types a line.
func (r *fakeRoom) obey(t *testing.T, line string) (answer string, err error) {
	t.Helper()
	command, err := Parse(line)
	if err != nil {
		t.Fatalf("Parse(%q): %v", line, err)
	}
	lines, err := Obey(t.Context(), r, command)
	return strings.Join(lines, "|"), err
}

func TestObey(t *testing.T) {
	t.Setenv("HOME", "/home/elon")
	t.Setenv("USERPROFILE", "/home/elon")
	offers := []client.Offer{{ID: 2, From: "Elon", Name: "a b.png"}, {ID: 5, From: "Tony", Name: "c"}}
	for line, want := range map[string]struct{ call, answer, err string }{
		"hello":                        {call: "Send hello"},
		"":                             {},
		"#message #Tony #hi":           {call: "SendPrivate Tony hi"},
		"#share #/no/a.png":            {call: "Share /no/a.png"},
		"#share #Tony #/no/a.png":      {call: "SharePrivate Tony /no/a.png"},
		"#share #'/no/a b.png'":        {call: "Share /no/a b.png"},
		"#get #a.png":                  {call: "Get a.png"},
		`#get #"a b.png"`:              {call: "Get a b.png"},
		`#get #"a b.png`:               {call: `Get "a b.png`},
		"#get #`a`":                    {call: "Get `a`"},
		"#remove #a.png":               {call: "Remove a.png", answer: "-- a.png is no public file any more"},
		"#accept":                      {call: "Accept 0"},
		"#accept 5":                    {call: "Accept 5"},
		"#accept 0":                    {err: `#accept takes a number that was shown, as in #accept 1, not "0"`},
		"#accept all":                  {err: `#accept takes a number`},
		"#accept -1":                   {err: `#accept takes a number`},
		"#accept 99999999999999999999": {err: `#accept takes a number`},
		"#decline":                     {call: "Decline 2", answer: `-- you have declined "a b.png" from Elon`},
		"#decline 5":                   {call: "Decline 5", answer: "-- you have declined c from Tony"},
		"#decline 7":                   {call: "Decline 7"},
		"#cancel":                      {call: "Cancel 0"},
		"#cancel 3":                    {call: "Cancel 3"},
		"#cancel 3 4":                  {err: `#cancel takes a number that was shown, as in #cancel 1, not "3 4"`},
		"#users":                       {answer: `-- here are 2:|Elon|"-- Tony"`},
		"#available files":             {answer: `-- files: 2|SELDOM_2016.png (1.2 MB, by Elon, 2 copies)|"-- a.png" (5 B, by "-- Tony", 1 copy)`},
		"#history":                     {call: "History <nil> 20", answer: "-- the last messages:|Tony: old|mine"},
		"#history 2":                   {call: "History <nil> 2", answer: "-- the last messages:|Tony: old|mine"},
		"#history x":                   {err: `#history shows 1 to 1000 messages, not "x"`},
		"#search  two words":           {call: `Search ["two" "words"] 20`, answer: "-- found: 2|Tony: old|mine"},
		"#commands":                    {answer: strings.Join(List(), "|")},
	} {
		r := &fakeRoom{
			offers: offers,
			users:  []string{"Elon", "-- Tony"},
			files: []justchat.File{
				{Name: "SELDOM_2016.png", Size: 1_234_567, Owner: "Elon", Holders: []string{"s1", "s2"}},
				{Name: "-- a.png", Size: 5, Owner: "-- Tony", Holders: []string{"s1"}},
			},
			messages: []*client.Message{{From: "Tony", Text: "old"}, {From: "Elon", Own: true, Text: "mine"}},
		}
		answer, err := r.obey(t, line)
		if answer != want.answer {
			t.Errorf("%s: answer %q, want %q", line, answer, want.answer)
		}
		if got := strings.Join(r.calls, "|"); got != want.call {
			t.Errorf("%s: calls %q, want %q", line, got, want.call)
		}
		if (err != nil) != (want.err != "") || err != nil && !strings.Contains(err.Error(), want.err) {
			t.Errorf("%s: error %v, want %q", line, err, want.err)
		}
	}
}

// TestRoomFails: what the room says is what is returned, and nothing else is answered.
func TestRoomFails(t *testing.T) {
	no := errors.New("no")
	for _, usage := range Commands {
		if usage.Name == "commands" || usage.Name == "quit" {
			continue
		}
		line := strings.NewReplacer("[n]", "1").Replace(usage.String())
		r := &fakeRoom{err: no, offers: []client.Offer{{ID: 1}}}
		if answer, err := r.obey(t, line); answer != "" || !errors.Is(err, no) {
			t.Errorf("%s: %q, %v; want %v", line, answer, err, no)
		}
	}
}

// TestCancelWhich: of several the person has to say which, and is told how.
func TestCancelWhich(t *testing.T) {
	r := &fakeRoom{transfers: []client.Transfer{
		{ID: 1, Name: "a", Sending: true, With: "Tony", State: client.Moving, Left: time.Second},
		{ID: 2, Name: "b", State: client.Finished},
		{ID: 3, Name: "c d", With: "Elon", State: client.Waiting},
	}}
	_, err := r.obey(t, "#cancel")
	if want := `say which one: #cancel 1 is a to Tony, #cancel 3 is "c d" from Elon`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(r.calls) > 0 {
		t.Errorf("calls %q, want none", r.calls)
	}
	r.transfers = r.transfers[1:]
	if _, err := r.obey(t, "#cancel"); err != nil || strings.Join(r.calls, "|") != "Cancel 0" {
		t.Errorf("calls %q, %v; want the only one cancelled", r.calls, err)
	}
}

func TestHistoryCount(t *testing.T) {
	for arg, want := range map[string]int{"": usualHistory, "1": 1, "1000": 1000, "0": 0, "1001": 0, "-1": 0, "x": 0, "1e3": 0} {
		got, err := historyCount(arg)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("historyCount(%q): %d, %v; want %d", arg, got, err, want)
		}
	}
}
