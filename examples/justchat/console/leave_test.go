package console

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/screen"
)

// TestShareInAScript: the exit code says whether all files have arrived, offers keep nobody.
func TestShareInAScript(t *testing.T) {
	const leaving = "-- leaving as soon as all that you said has arrived\n"
	for name, test := range map[string]struct {
		input, stderr, calls string
		err                  error
	}{
		"wanted":   {input: "#share #Tony #/wanted\n", stderr: "-- Received by Tony: wanted\n", calls: "Share Tony/wanted"},
		"public":   {input: "#share #/wanted\n#quit\n", stderr: "-- wanted is shared with all (2 copies)\n", calls: "Share /wanted"},
		"unwanted": {input: "#share #Tony #/unwanted\n", stderr: "-- Declined by Tony: unwanted\n", calls: "Share Tony/unwanted", err: ErrNotAll},
		"broken":   {input: "#share #/broken\n", stderr: "-- not sent: broken to all: it has changed since it was offered; offer it anew\n", calls: "Share /broken", err: ErrNotAll},
		"anew":     {input: "#share #Tony #/anew\n#share #Tony #/wanted\n", stderr: "-- Received by Tony: wanted\n", calls: "Share Tony/anew|Share Tony/wanted", err: ErrNotAll},
		"at last":  {input: "#share #Tony #/anew\n#share #Tony #/at last\n", stderr: "-- Received by Tony: anew\n", calls: "Share Tony/anew|Share Tony/at last"},
		"folder":   {input: "#share #/folder\n", stderr: "-- it is a folder; pack it first, as with zip or tar, and share that\n", calls: "Share /folder", err: ErrNotAll},
		"none":     {input: "#accept 1\n", stderr: "-- nothing is offered\n", calls: "Accept 1"},
		"cancel":   {input: "#share #/long\n#cancel\n", stderr: "-- sharing long (1.0 kB) with all; #cancel 1 ends it\n-- not sent: long to all: cancelled\n", calls: "Share /long|Cancel 0", err: ErrNotAll},
		"stuck": {input: "#share #/long\n", calls: "Share /long", err: ErrNotAll,
			stderr: "-- sharing long (1.0 kB) with all; #cancel 1 ends it\n" + leaving + "-- long to all: 42 % of 1.0 kB\n-- long to all: broken off at 42 % of 1.0 kB\n"},
		"told twice": {input: "#share #/long\n#quit\n#quit\n", calls: "Share /long", err: ErrNotAll,
			stderr: "-- sharing long (1.0 kB) with all; #cancel 1 ends it\n" +
				"-- you leave once these files have ended; #quit again leaves at once:\n-- long to all: 42 % of 1.0 kB\n-- long to all: broken off at 42 % of 1.0 kB\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRoom()
				_, stderr, err := script(t, r, test.input)
				if want := "-- you are here as Elon\n" + test.stderr; stderr != want {
					t.Errorf("stderr is\n%s\nwant\n%s", stderr, want)
				}
				if got := strings.Join(r.calls, "|"); got != test.calls {
					t.Errorf("calls are %q, want %q", got, test.calls)
				}
				if !errors.Is(err, test.err) {
					t.Errorf("Run returned %v, want %v", err, test.err)
				}
				if !r.settled {
					t.Error("left before others could hear what has become of their files")
				}
			})
		})
	}
}

// TestPatienceWithFiles: the end of the input is waited out as long as a file comes further, or somebody is asked for
// an answer.
func TestPatienceWithFiles(t *testing.T) {
	moving := client.Transfer{ID: 1, Name: "a.png", With: "Tony", Sending: true, Size: 1000, Done: 420, State: client.Moving, Left: -1}
	for name, test := range map[string]struct {
		share string // what is typed
		event func(n int) client.Transfer
		stays time.Duration
		err   error
	}{
		"it moves":      {"#share #Tony #/long", func(n int) client.Transfer { t := moving; t.Done += int64(n); return t }, 9 * 7 * time.Second, nil},
		"it stands":     {"#share #Tony #/long", func(int) client.Transfer { return moving }, usualPatience, ErrNotAll},
		"he thinks":     {"#share #Tony #/asked", func(int) client.Transfer { t := moving; t.State = client.Asking; return t }, 9 * 7 * time.Second, nil},
		"it is written": {"#share #/all", func(int) client.Transfer { t := moving; t.Done = t.Size; return t }, 9 * 7 * time.Second, nil},
		"it flaps": {"#share #Tony #/long", func(n int) client.Transfer {
			t := moving
			t.State = client.Moving + client.TransferState(n%2)
			return t
		}, usualPatience, ErrNotAll},
		"all think": {"#share #/asked", func(int) client.Transfer { t := moving; t.State, t.Public, t.Done = client.Asking, true, 0; return t }, usualPatience, ErrNotAll},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRoom()
				begun, over := time.Now(), make(chan error, 1)
				var stayed time.Duration
				go func() {
					err := run(t.Context(), Config{
						Client: client.Config{User: "Elon"}, Password: "secret",
						Stdin: strings.NewReader(test.share + "\n"), Stdout: io.Discard, Stderr: io.Discard,
					}, r.enter)
					stayed = time.Since(begun)
					over <- err
				}()
				for n := 1; n <= 9 && len(over) == 0; n++ {
					time.Sleep(7 * time.Second)
					synctest.Wait()
					transfer := test.event(n)
					if n == 9 {
						transfer.State = client.Finished
					}
					if len(over) == 0 {
						r.becomes(transfer)
					}
				}
				if err := <-over; !errors.Is(err, test.err) {
					t.Errorf("Run returned %v, want %v", err, test.err)
				}
				if stayed != test.stays {
					t.Errorf("stayed %v, want %v", stayed, test.stays)
				}
			})
		})
	}
}

// A notepad is a screen for people that keeps the client's own words.
type notepad struct {
	screen.Screen
	notes []string
}

func (n *notepad) Note(line string) { n.notes = append(n.notes, line) }
func (*notepad) Echoes() bool       { return true }

// TestProgressNow: how far files are is said every ten seconds, of all at once, and not of short ones.
func TestProgressNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, pad := newRoom(), new(notepad)
		c := &console{screen: pad, client: r, progress: make(chan struct{}, 1)}
		r.config.Events = c.show
		a := client.Transfer{ID: 1, Name: "a", With: "Tony", Sending: true, Size: 1000, State: client.Moving, Left: -1}
		b := client.Transfer{ID: 2, Name: "b", With: "Tony", Size: 1000, State: client.Moving, Left: -1}
		move := func(t *client.Transfer, rounds int) {
			for range rounds {
				time.Sleep(time.Second)
				t.Done += 10
				r.becomes(*t)
			}
		}
		move(&a, 5)
		move(&b, 8)
		r.becomes(client.Transfer{ID: 2, Name: "b", With: "Tony", State: client.Finished, Path: "/b"})
		move(&a, 9)
		r.becomes(client.Transfer{ID: 1, Name: "a", With: "Tony", Sending: true, State: client.Finished})
		time.Sleep(time.Minute)
		a.ID = 3
		move(&a, 5)
		want := `-- offering a (1.0 kB) to Tony; #cancel 1 ends it
-- receiving b (1.0 kB) from Tony; #cancel 2 ends it
-- a to Tony: 5 % of 1.0 kB
-- b from Tony: 6 % of 1.0 kB
-- received b from Tony (0 B): it is /b
-- a to Tony: 13 % of 1.0 kB
-- Received by Tony: a
-- offering a (1.0 kB) to Tony; #cancel 3 ends it`
		if got := strings.Join(pad.notes, "\n"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
