package panes

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

var someTransfers = []client.Transfer{
	{ID: 1, Name: "SELDOM_2016.png", With: "Robert", Sending: true, State: client.Moving, Size: 1.2e9, Done: 5e8, Rate: 130e6, Left: 5 * time.Second},
	{ID: 2, Name: "SELDOM_2016.png", Public: true, Sending: true, State: client.Hashing, Size: 1.2e9, Done: 9e8, Rate: 130e6, Left: -1},
	{ID: 4, Name: "SELDOM_2016.png", With: "Robert", Sending: true, State: client.Asking, Size: 1.2e9},
	{ID: 5, Name: "SELDOM_2016.png", With: "Tony", State: client.Waiting, Size: 1.2e9, Done: 1e9},
	{ID: 6, Name: "SELDOM_2016.png", With: "Tony", State: client.Finished, Size: 1.2e9, Done: 1e9, Path: "/home/robert/Downloads/SELDOM_2016 (1).png"},
	{ID: 7, Name: "SELDOM_2016.png", With: "Tony", State: client.Broken, Size: 1.2e9, Done: 1e9, Err: errors.New("the disk does not take it: no space left on device")},
	{ID: 8, Name: "SELDOM_2016.png", With: "Tony", Sending: true, State: client.Declined, Size: 1.2e9},
	{ID: 9, Name: "empty", With: "Tony", Sending: true, State: client.Finished},
}

func TestTransfersView(t *testing.T) {
	p := &Transfers{now: atNoon}
	if got := p.Height(); got != 0 {
		t.Errorf("got %d rows for no transfers, want 0", got)
	}
	p.Set(someTransfers)
	if got := p.Height(); got != 1+paneRows {
		t.Errorf("got %d rows, want %d", got, 1+paneRows)
	}
	checkShows(t, "wide", p.View(80, 9, false, &plainStyles), `
 Transfers (4)   F3 cancels
  1 ↑ █████░░░░░░░░ SELDOM_2016.…g to Robert  41 % of 1.2 GB, 130 MB/s, 5 s left
  2 ↑ █████████░░░░ SELDOM_2016.png to all  reading it, 75 % of 1.2 GB, 130 MB/s
  4 ↑ SELDOM_2016.png to Robert  asked, no answer yet
  5 ↓ ██████████░░░ SELDOM_2016.png from Tony  waiting at 83 % of 1.2 GB
  6 ↓ /home/robert/Downloads/SELDOM_2016 (1).png  received from Tony
  7 ↓ SELDOM_2016… from Tony  the disk does not take it: no space left on device
  8 ↑ SELDOM_2016.png to Tony  declined
  9 ↑ empty to Tony  done, 0 B`)
	over := &Transfers{now: atNoon}
	over.Set(someTransfers[7:])
	checkShows(t, "none under way", over.View(80, 2, true, &plainStyles), `
 Transfers   Esc back
▸ 9 ↑ empty to Tony  done, 0 B`)
	press(p, "down", "down")
	checkShows(t, "narrow and scrolled", p.View(30, 4, true, &plainStyles), `
 Transfers (4)   c cancels  ↑↓
  2 ↑ SELDOM_20…g to all  75 %
▸ 4 ↑ SELDOM_2…o Robert  asked
  5 ↓ SELDOM_20…rom Tony  83 %`)
}

// TestCancel: what is cancelled is asked for once more.
func TestCancel(t *testing.T) {
	p := &Transfers{now: atNoon}
	p.Set(someTransfers)
	if got, ok := press(p, "down", "c"); ok {
		t.Errorf("got %+v without a question", got)
	}
	checkShows(t, "the question", p.View(60, 3, true, &plainStyles), `
 Transfers (4)   y cancels it  n lets it go on
  1 ↑ ████░░░░░░ SELDOM_2…o Robert  41 % of 1.2 GB, 130 MB/s
▸ 2 ↑ ███████░░░ SELDOM_2016.png to all  cancel it?`)
	if got, ok := press(p, "y"); !ok || got != (Action{Cancel, 2}) {
		t.Errorf("got %+v, %v, want that 2 is cancelled", got, ok)
	}
	for name, keys := range map[string][]string{
		"no":              {"c", "n"},
		"something else":  {"c", "down"},
		"no, and then":    {"c", "n", "y"},
		"only yes":        {"y"},
		"what has ended":  {"down", "down", "down", "down", "c", "y"},
		"the wrong enter": {"c", "enter"},
	} {
		p := &Transfers{now: atNoon}
		p.Set(someTransfers)
		if got, ok := press(p, keys...); ok {
			t.Errorf("%s: got %+v, want nothing", name, got)
		}
	}
	press(p, "c")
	p.View(60, 3, false, &plainStyles)
	if got, ok := press(p, "y"); ok {
		t.Errorf("got %+v, want that a question does not outlive the focus", got)
	}
	press(p, "c")
	done := append([]client.Transfer(nil), someTransfers...)
	done[1].State = client.Finished
	p.Set(done)
	if got, ok := press(p, "y"); ok {
		t.Errorf("got %+v, want no question about what has ended", got)
	}
}

// TestTransfersGo: what has ended goes after a while, what went wrong after a longer one.
func TestTransfersGo(t *testing.T) {
	now := noon
	p := &Transfers{now: func() time.Time { return now }}
	p.Set(someTransfers)
	for _, test := range []struct {
		after time.Duration
		want  int
	}{{staysGood, 8}, {time.Second, 6}, {staysBad - staysGood - time.Second, 6}, {time.Second, 4}} {
		now = now.Add(test.after)
		p.Height()
		if got := len(p.shown); got != test.want {
			t.Errorf("after %v: got %d transfers, want %d", now.Sub(noon), got, test.want)
		}
	}
	p.Set(someTransfers)
	if got := p.Height(); got != 5 {
		t.Errorf("got %d rows, want 5: what has gone does not come back", got)
	}
}
