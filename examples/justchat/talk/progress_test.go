package talk

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

func TestProgress(t *testing.T) {
	out := client.Transfer{ID: 4, Name: "SELDOM_2016.png", With: "Robert", Sending: true, State: client.Moving, Size: 1_200_000_000, Done: 504_000_000, Rate: 130_000_000, Left: 5 * time.Second}
	with := func(change func(*client.Transfer)) client.Transfer {
		t := out
		change(&t)
		return t
	}
	for want, transfer := range map[string]client.Transfer{
		"SELDOM_2016.png to Robert: 42 % of 1.2 GB, 130 MB/s, 5 s left":                   out,
		"SELDOM_2016.png to all: 42 % of 1.2 GB, 130 MB/s, 5 s left":                      with(func(t *client.Transfer) { t.With, t.Public = "", true }),
		"SELDOM_2016.png from Robert: 42 % of 1.2 GB, 130 MB/s":                           with(func(t *client.Transfer) { t.Sending, t.Left = false, -1 }),
		"SELDOM_2016.png: 42 % of 1.2 GB":                                                 with(func(t *client.Transfer) { t.Sending, t.With, t.Rate = false, "", 0 }),
		"SELDOM_2016.png to Robert: 100 % of 0 B":                                         with(func(t *client.Transfer) { t.Size, t.Done, t.Rate = 0, 0, 0 }),
		"SELDOM_2016.png to Robert: 99 % of 1.2 GB":                                       with(func(t *client.Transfer) { t.Done, t.Rate = t.Size-1, 0 }),
		"\"a b\" to \"-- R\": 42 % of 1.2 GB":                                             with(func(t *client.Transfer) { t.Name, t.With, t.Rate = "a b", "-- R", 0 }),
		"SELDOM_2016.png to Robert: reading it, 42 % of 1.2 GB, 130 MB/s, 2 h 5 min left": with(func(t *client.Transfer) { t.State, t.Left = client.Hashing, 125*time.Minute }),
		"SELDOM_2016.png to Robert: asked, no answer yet":                                 with(func(t *client.Transfer) { t.State = client.Asking }),
		"SELDOM_2016.png to all: a server is asked":                                       with(func(t *client.Transfer) { t.State, t.With, t.Public = client.Asking, "", true }),
		"SELDOM_2016.png to Robert: waiting at 42 % of 1.2 GB":                            with(func(t *client.Transfer) { t.State = client.Waiting }),
		"SELDOM_2016.png to Robert: done, 1.2 GB":                                         with(func(t *client.Transfer) { t.State = client.Finished }),
		"SELDOM_2016.png to Robert: declined":                                             with(func(t *client.Transfer) { t.State = client.Declined }),
		"SELDOM_2016.png to Robert: cancelled":                                            with(func(t *client.Transfer) { t.State = client.Cancelled }),
		"SELDOM_2016.png to Robert: broken off at 42 % of 1.2 GB":                         with(func(t *client.Transfer) { t.State, t.Err = client.Broken, errors.New("x") }),
	} {
		if got := Progress(transfer); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 1: "1 s", time.Second: "1 s", 1001 * time.Millisecond: "2 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min",
		179 * time.Second: "2 min", time.Hour: "1 h", 61 * time.Minute: "1 h 1 min", 47*time.Hour + 59*time.Minute: "47 h 59 min", 50 * time.Hour: "2 days",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%v): got %q, want %q", d, got, want)
		}
	}
}
