package rpcchat

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/rpcchat"
)

// TestRoom plays scripts: calls, and below «check» and «list» what they return.
// «big 5» in a message stands for five letters, «name 5» for a name of five.
func TestRoom(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"register", `
			register alice
			register bob
			list = alice bob
			check alice = *** bob has logged in
			check alice =
			check bob =`},
		{"names", `
			register = Register: user must be between 1 and 20 letters
			register abcdefghijklmnopqrst
			register abcdefghijklmnopqrstu = Register: user must be between 1 and 20 letters
			register ÄÖÜäöü1234
			register ÄÖÜäöüÄÖÜäöü = Register: user must be between 1 and 20 letters
			register a-b = Register: user must only contain letters and digits
			register a\x00 = Register: user must only contain letters and digits
			register a\xff = Register: user must only contain letters and digits
			list = abcdefghijklmnopqrst ÄÖÜäöü1234`},
		{"list is sorted", `
			list =
			register carl
			register Bob
			register alice
			list = Bob alice carl`},
		{"register twice starts an empty queue and is announced", `
			register alice
			register bob
			say bob hello
			register alice
			check alice =
			check bob = bob says hello | *** alice has logged in
			list = alice bob`},
		{"say reaches the sender too", `
			register alice
			register bob
			say alice hi  there
			check alice = *** bob has logged in | alice says hi  there
			check bob = alice says hi  there`},
		{"tell", `
			register alice
			register bob
			tell alice bob hi
			tell alice alice note
			tell alice carl hi
			check bob = alice tells you hi
			check alice = *** bob has logged in | alice tells you note | *** No such user: carl`},
		{"strangers may speak, and hear nothing", `
			register alice
			say bob hi
			tell bob alice psst
			tell bob carl hi
			check alice = bob says hi | bob tells you psst
			check bob = *** You are not logged in, bob
			list = alice`},
		{"logout", `
			register alice
			register bob
			say bob bye
			logout alice
			check alice = *** You are not logged in, alice
			check bob = bob says bye | *** alice has logged out
			list = bob`},
		{"logout of a stranger is announced", `
			register alice
			logout bob
			check alice = *** bob has logged out
			list = alice`},
		{"say just not too long", `
			register alice
			say alice big 65518
			check alice = alice says big 65518`},
		{"say too long is told to the sender alone", `
			register alice
			register bob
			check alice = *** bob has logged in
			say alice big 65519
			say carl big 65520
			check bob =
			check alice = *** Your message is too long and was not sent: 65530 bytes, at most 65529 fit`},
		{"tell too long is told to the sender alone", `
			register alice
			register bob
			tell bob alice big 65515
			tell bob alice big 65516
			check alice = *** bob has logged in
			check alice = bob tells you big 65515
			check bob = *** Your message is too long and was not sent: 65530 bytes, at most 65529 fit`},
		{"a target too long for its notice", `
			register alice
			tell alice name65512 hi
			logout name65512
			check alice = *** Your message is too long and was not sent: 65530 bytes, at most 65529 fit`},
		{"a queue for several responses", `
			register alice
			say alice big 40000
			say alice one
			say alice big 30000
			check alice = alice says big 40000 | alice says one
			check alice = alice says big 30000
			check alice =`},
		{"a response that is full to the byte", `
			register alice
			say alice big 30000
			say alice big 35505
			check alice = alice says big 30000 | alice says big 35505`},
		{"a response that would be a byte too long", `
			register alice
			say alice big 30000
			say alice big 35506
			check alice = alice says big 30000
			check alice = alice says big 35506`},
		{"a full queue loses its oldest", `
			limit 3
			register alice
			say alice 1
			say alice 2
			say alice 3
			say alice 4
			say alice 5
			check alice = *** Your queue was full; oldest messages dropped: 2 | alice says 3 | alice says 4 | alice says 5
			say alice 6
			check alice = alice says 6`},
		{"a limit that is none", `
			limit -1
			register alice
			say alice 1
			check alice = alice says 1`},
		{"a notice of dropped messages that fills its response", `
			limit 1
			register alice
			say alice 1
			say alice big 65518
			check alice = *** Your queue was full; oldest messages dropped: 1
			check alice = alice says big 65518`},
	} {
		t.Run(test.name, func(t *testing.T) { play(t, test.script) })
	}
}

func play(t *testing.T, script string) {
	room := NewRoom()
	for line := range strings.Lines(strings.TrimSpace(script)) {
		step, want, _ := strings.Cut(strings.TrimSpace(line), "=")
		step, want = strings.TrimSpace(step), strings.TrimSpace(want)
		if got := do(t, room, step); !sameText(got, want) {
			t.Errorf("%s: got %.200q, want %.200q", step, got, want)
		}
	}
}

// do makes the call that step says, and returns its results or its error.
func do(t *testing.T, room *Room, step string) string {
	words := append(strings.SplitN(step, " ", 4), "", "", "")
	ctx, user, target, rest := context.Background(), spell(words[1]), spell(words[2]), spell(words[3])
	var texts []string
	var err error
	switch words[0] {
	case "limit":
		room.QueueLimit, err = strconv.Atoi(user)
	case "register":
		err = room.Register(ctx, user)
	case "list":
		texts, err = room.List(ctx)
		texts = []string{strings.Join(texts, " ")}
	case "check":
		texts, err = room.CheckMessages(ctx, user)
	case "fetch":
		var messages []rpcchat.Message
		messages, err = room.Fetch(ctx, user, number(target))
		texts = numbered(messages)
	case "watch":
		var messages []rpcchat.Message
		messages, err = watchSome(room, user, number(target), int(number(rest)))
		texts = numbered(messages)
	case "tell":
		err = room.Tell(ctx, user, target, rest)
	case "say":
		err = room.Say(ctx, user, spell(strings.TrimPrefix(step, "say "+words[1]+" ")))
	case "logout":
		err = room.Logout(ctx, user)
	default:
		t.Fatalf("no such step: %q", step)
	}
	if err != nil {
		return err.Error()
	}
	return strings.Join(texts, " | ")
}

// spell writes a script's abbreviations out.
func spell(text string) string {
	text = strings.NewReplacer(`\x00`, "\x00", `\xff`, "\xff").Replace(text)
	for _, short := range []string{"big ", "name"} {
		if size, err := strconv.Atoi(strings.TrimPrefix(text, short)); err == nil && strings.HasPrefix(text, short) {
			return strings.Repeat("x", size)
		}
	}
	return text
}

// sameText compares what was got with a script's text, abbreviations written out.
func sameText(got, want string) bool {
	texts := strings.Split(want, " | ")
	for i, text := range texts {
		if before, size, big := strings.Cut(text, "big "); big {
			texts[i] = before + spell("big "+size)
		}
	}
	return got == strings.Join(texts, " | ")
}

func TestLogNamesWhoComesAndGoes(t *testing.T) {
	var log bytes.Buffer
	room := NewRoom()
	room.Log = slog.New(slog.NewTextHandler(&log, nil))
	for _, step := range []string{"register alice", "say alice hi", "logout alice", "register a-b"} {
		do(t, room, step)
	}
	for _, want := range []string{`msg="*** alice has logged in"`, `msg="*** alice has logged out"`} {
		if got := strings.Count(log.String(), want); got != 1 {
			t.Errorf("got %d times %s, want once, in:\n%s", got, want, log.String())
		}
	}
	if got := strings.Count(log.String(), "\n"); got != 2 {
		t.Errorf("got %d lines, want 2:\n%s", got, log.String())
	}
}

// TestOneCheckAtATime holds one response in flight and asks for another.
func TestOneCheckAtATime(t *testing.T) {
	for _, test := range []struct {
		name      string
		meanwhile []string // calls, while the first response is in flight
		delivered bool     // whether it arrives
		want      string   // what the second call returns
	}{
		{"arrived", []string{"say bob 2"}, true, "bob says 2"},
		{"lost", []string{"say bob 2"}, false, "bob says 1 | bob says 2"},
		{"lost, and the queue is full", []string{"say bob 2", "say bob 3"}, false,
			"*** Your queue was full; oldest messages dropped: 1 | bob says 2 | bob says 3"},
		{"lost, and the user has logged out", []string{"logout alice"}, false, "*** You are not logged in, alice"},
		{"lost, and the user is a new one", []string{"register alice", "say bob 2"}, false, "bob says 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				room := NewRoom()
				room.QueueLimit = 2
				do(t, room, "register alice")
				do(t, room, "say bob 1")
				q, taken, err := room.take(t.Context(), "alice")
				if got := strings.Join(taken.texts(), " | "); got != "bob says 1" || err != nil {
					t.Fatalf("got %q, %v", got, err)
				}
				var got string
				go func() { got = do(t, room, "check alice") }()
				synctest.Wait()
				if got != "" {
					t.Errorf("the second call overtook the first, with %q", got)
				}
				for _, step := range test.meanwhile {
					do(t, room, step)
				}
				room.settle(q, taken, test.delivered)
				synctest.Wait()
				if got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestCheckWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room := NewRoom()
		do(t, room, "register alice")
		q, taken, _ := room.take(t.Context(), "alice")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := room.CheckMessages(ctx, "alice"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		room.settle(q, taken, true)
		do(t, room, "say alice hi")
		if got, want := do(t, room, "check alice"), "alice says hi"; got != want {
			t.Errorf("afterwards got %q, want %q", got, want)
		}
	})
}

func TestShutdownIsAskedForOnce(t *testing.T) {
	room := NewRoom()
	select {
	case <-room.ShutdownRequested():
		t.Fatal("requested by nobody")
	default:
	}
	for range 2 {
		if err := room.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	<-room.ShutdownRequested()
}
