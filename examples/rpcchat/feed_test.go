package rpcchat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/parley-rpc/parley/generated/rpcchat"
)

// TestFeed plays scripts as TestRoom does, with two more calls: «fetch USER AFTER»,
// and «watch USER AFTER COUNT», which breaks off after so many messages. Messages
// have their numbers before them, and what was dropped before them in parentheses.
func TestFeed(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"what waits comes in order", `
			register alice
			register bob
			say bob hi
			tell bob alice psst
			watch alice 0 3 = 2:*** bob has logged in | 3:bob says hi | 4:bob tells you psst
			watch bob 0 1 = 3:bob says hi`},
		{"nobody is logged in", `
			watch alice 0 1 = alice is not logged in
			fetch alice 0 = alice is not logged in
			register alice
			logout alice
			watch alice 0 1 = alice is not logged in
			fetch alice 0 = alice is not logged in`},
		{"what is in doubt comes again, in its old place", `
			register alice
			say bob 1
			say bob 2
			say bob 3
			watch alice 0 2 = 2:bob says 1 | 3:bob says 2
			say bob 4
			watch alice 2 3 = 3:bob says 2 | 4:bob says 3 | 5:bob says 4
			fetch alice 5 =
			fetch alice 0 =`},
		{"none of it arrived", `
			register alice
			say bob 1
			say bob 2
			watch alice 0 2 = 2:bob says 1 | 3:bob says 2
			fetch alice 0 = 2:bob says 1 | 3:bob says 2
			fetch alice 3 =
			fetch alice 0 =`},
		{"a number of the future confirms what was sent, and nothing else", `
			register alice
			say bob 1
			say bob 2
			watch alice 0 1 = 2:bob says 1
			fetch alice 999 = 3:bob says 2
			say bob 3
			fetch alice 999 = 4:bob says 3`},
		{"another login owes nothing", `
			register alice
			say bob 1
			watch alice 0 1 = 2:bob says 1
			register alice
			fetch alice 0 =`},
		{"a poll never gets what is in doubt", `
			register alice
			say bob 1
			watch alice 0 1 = 2:bob says 1
			say bob 2
			check alice = bob says 2
			say bob 3
			fetch alice 0 = 2:bob says 1 | 4:bob says 3
			check alice =`},
		{"a full queue loses its oldest", `
			limit 2
			register alice
			say bob 1
			watch alice 0 1 = 2:bob says 1
			say bob 2
			say bob 3
			say bob 4
			watch alice 2 2 = 4:(1)bob says 3 | 5:bob says 4
			fetch alice 0 = 4:(1)bob says 3 | 5:bob says 4`},
		{"what comes back into a full queue is dropped, and told", `
			limit 2
			register alice
			say bob 1
			say bob 2
			say bob 3
			watch alice 0 1 = 3:(1)bob says 2
			say bob 4
			check alice = bob says 3 | bob says 4
			say bob 5
			say bob 6
			fetch alice 0 = 6:(2)bob says 5 | 7:bob says 6`},
		{"a stream carries one response", `
			register alice
			say alice big 40000
			say alice one
			say alice big 30000
			watch alice 0 9 = 2:alice says big 40000 | 3:alice says one
			watch alice 0 9 = 2:alice says big 40000 | 3:alice says one
			watch alice 3 1 = 4:alice says big 30000`},
		{"a fetch is one response", `
			register alice
			say alice big 65518
			say alice one
			fetch alice 0 = 2:alice says big 65518
			fetch alice 2 = 3:alice says one
			fetch alice 3 =`},
	} {
		t.Run(test.name, func(t *testing.T) { play(t, test.script) })
	}
}

// number reads a script's number.
func number(word string) uint64 {
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// watchSome watches until count messages have come, or the stream ends.
func watchSome(room *Room, user string, after uint64, count int) ([]rpcchat.Message, error) {
	var messages []rpcchat.Message
	for message, err := range room.Watch(context.Background(), user, after) {
		if err != nil {
			return nil, err
		}
		if messages = append(messages, message); len(messages) == count {
			break
		}
	}
	return messages, nil
}

// noticed returns messages as their user reads them.
func noticed(messages []rpcchat.Message) []string {
	var texts []string
	for _, m := range messages {
		texts = append(texts, batch{int(m.Dropped), []rpcchat.Message{m}}.texts()...)
	}
	return texts
}

func numbered(messages []rpcchat.Message) []string {
	var texts []string
	for _, m := range messages {
		text := fmt.Sprintf("%d:%s", m.Number, m.Text)
		if m.Dropped > 0 {
			text = fmt.Sprintf("%d:(%d)%s", m.Number, m.Dropped, m.Text)
		}
		texts = append(texts, text)
	}
	return texts
}

// feeding is a Watch that runs beside the test, in a bubble.
type feeding struct {
	texts []string // not to be read before synctest.Wait
	err   error    // why it ended: io.EOF for a stream that ended well
}

func feed(ctx context.Context, room *Room, user string) *feeding {
	f := new(feeding)
	go func() {
		for message, err := range room.Watch(ctx, user, 0) {
			if f.err = err; err == nil {
				f.texts = append(f.texts, message.Text)
			}
		}
		if f.err == nil {
			f.err = io.EOF
		}
	}()
	return f
}

// TestWatchIsWoken lets messages and ends come to a Watch that waits.
func TestWatchIsWoken(t *testing.T) {
	closing := errors.New("closing time")
	for _, test := range []struct {
		name, steps string // what happens, one by one
		texts       string // what the Watch got
		err         string // how it ended, "" if it goes on
	}{
		{"a message", "say bob 1; tell bob alice 2", "bob says 1 | bob tells you 2", ""},
		{"a logout", "say bob 1; logout alice", "bob says 1", "alice is not logged in"},
		{"a new login", "say bob 1; register alice; say bob 2", "bob says 1", "another client has taken over as alice"},
		{"a fetch", "say bob 1; fetch alice 0; say bob 2", "bob says 1", "another client has taken over as alice"},
		{"a second Watch", "say bob 1; watch alice 0 1; say bob 2", "bob says 1", "another client has taken over as alice"},
		{"a poll", "check alice; say bob 1; check alice", "bob says 1", ""},
		{"another's logout", "logout bob", "*** bob has logged out", ""},
		{"the end of its context", "say bob 1; cancel; say bob 2", "bob says 1", "closing time"},
		{"a long message", "say bob big 65520; say bob big 9", "bob says big 65520", "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				room := NewRoom()
				do(t, room, "register alice")
				ctx, cancel := context.WithCancelCause(t.Context())
				got := feed(ctx, room, "alice")
				for step := range strings.SplitSeq(test.steps, "; ") {
					synctest.Wait()
					if step == "cancel" {
						cancel(closing)
						continue
					}
					do(t, room, step)
				}
				synctest.Wait()
				if !sameText(strings.Join(got.texts, " | "), test.texts) {
					t.Errorf("got %.200q, want %q", got.texts, test.texts)
				}
				if got := errorText(got.err); got != test.err {
					t.Errorf("it ended with %q, want %q", got, test.err)
				}
				cancel(closing)
			})
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestWatchWaitsForAPoll holds a response of CheckMessages in flight: if it is
// lost, its messages come before those that are newer.
func TestWatchWaitsForAPoll(t *testing.T) {
	for _, test := range []struct {
		delivered bool
		want      string
	}{{true, "bob says 2"}, {false, "bob says 1 | bob says 2"}} {
		synctest.Test(t, func(t *testing.T) {
			room := NewRoom()
			do(t, room, "register alice")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			got := feed(ctx, room, "alice")
			synctest.Wait()
			q := room.queue("alice")
			q.turn <- struct{}{} // the poll is first
			do(t, room, "say bob 1")
			taken := q.take()
			do(t, room, "say bob 2")
			synctest.Wait()
			if got.texts != nil {
				t.Errorf("the Watch overtook the poll, with %q", got.texts)
			}
			room.settle(q, taken, test.delivered)
			synctest.Wait()
			if got := strings.Join(got.texts, " | "); got != test.want {
				t.Errorf("delivered %v: got %q, want %q", test.delivered, got, test.want)
			}
		})
	}
}

// TestDoubtLosesNothing watches and fetches in random order, and a random
// part of what was sent arrives: whoever says how far gets every message once
// and in order, but for those that a count in their place tells of.
func TestDoubtLosesNothing(t *testing.T) {
	for seed := range uint64(100) {
		if err := mixFeed(rand.New(rand.NewPCG(seed, 2))); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func mixFeed(random *rand.Rand) error {
	room, ctx := NewRoom(), context.Background()
	room.QueueLimit = 1 + random.IntN(20)
	room.Register(ctx, "alice")
	q, largest := room.queue("alice"), 1<<(3+random.IntN(13))
	got := reader{seen: map[string]int{}}
	sent, after := 0, uint64(0)
	for range 200 {
		lost, taken, _ := room.take(ctx, "alice") // a poll whose response will not arrive
		for range random.IntN(4) * random.IntN(8) {
			sent++
			room.Say(ctx, "bob", fmt.Sprintf("%d %s", sent, strings.Repeat("x", random.IntN(largest))))
		}
		room.settle(lost, taken, false)
		messages, err := takeSome(room, q, after, random)
		if err != nil {
			return err
		}
		messages = messages[:random.IntN(len(messages)+1)] // these arrive
		if err := got.read(noticed(messages), true); err != nil {
			return err
		}
		if len(messages) > 0 {
			after = messages[len(messages)-1].Number
		}
		if waiting := len(q.messages); waiting > room.QueueLimit {
			return fmt.Errorf("%d messages wait, the limit is %d", waiting, room.QueueLimit)
		}
	}
	for messages, err := room.Fetch(ctx, "alice", after); len(messages) > 0; messages, err = room.Fetch(ctx, "alice", after) {
		if err := errors.Join(err, got.read(noticed(messages), true)); err != nil {
			return err
		}
		after = messages[len(messages)-1].Number
	}
	if got.missing != got.told || got.seen["bob"] != sent {
		return fmt.Errorf("at the end: %d are missing, counts tell of %d; the last is %d of %d", got.missing, got.told, got.seen["bob"], sent)
	}
	return nil
}

// takeSome watches for some of what waits or is in doubt, or fetches.
func takeSome(room *Room, q *queue, after uint64, random *rand.Rand) ([]rpcchat.Message, error) {
	count := len(q.messages)
	for _, m := range q.doubt {
		if m.Number > after {
			count++
		}
	}
	if count = min(count, room.QueueLimit); count == 0 || random.IntN(2) == 0 {
		return room.Fetch(context.Background(), "alice", after)
	}
	return watchSome(room, "alice", after, 1+random.IntN(count))
}
