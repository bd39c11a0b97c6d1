package client

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// untilPoll sleeps, in a bubble's time, until n more polls are over.
func untilPoll(n int) {
	time.Sleep(time.Duration(n) * time.Second)
	synctest.Wait()
}

func TestMessagesComeBesideThePrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, &fakeChat{messages: [][]string{{"bob says 1"}, nil, {"bob says 2", "bob says 3"}}})
		synctest.Wait()
		for _, want := range []string{"bob says 1\n", "bob says 1\n", "bob says 1\nbob says 2\nbob says 3\n"} {
			if got := s.stdout.String(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			untilPoll(1)
		}
		untilPoll(10)
		if got := s.pollCount(); got != 14 {
			t.Errorf("got %d polls in 13 s, want 14", got)
		}
	})
}

// TestLongQueueIsFetchedAtOnce: a response that is full has left more behind.
func TestLongQueueIsFetchedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := []string{strings.Repeat("x", 60_000)}
		s := enter(t, &fakeChat{messages: [][]string{full, full, full, {"the last"}}})
		synctest.Wait()
		if got := s.stdout.String(); !strings.HasSuffix(got, "the last\n") {
			t.Errorf("got %d bytes at once, want all 180,012", len(got))
		}
	})
}

// TestHostileMessages: what others send is printed as one harmless line each.
func TestHostileMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, &fakeChat{messages: [][]string{{"eve says \x1b]0;owned\x07\nbob says 0wned", "eve says \x9b2J"}}})
		synctest.Wait()
		want := "eve says \ufffd]0;owned\ufffd bob says 0wned\neve says \ufffd2J\n"
		if got := s.stdout.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestServerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, new(fakeChat))
		synctest.Wait()
		s.change(func() { s.errs = map[string]error{"CheckMessages": errors.New("connection refused")} })
		<-s.over
		if got, want := errorText(s.err), "the server does not answer any more: connection refused"; got != want {
			t.Errorf("got error %q, want %q", got, want)
		}
		if got := s.stdout.String(); got != "" {
			t.Errorf("got output %q, want none", got)
		}
		if got, want := s.pollCount(), 1+pollTries; got != want {
			t.Errorf("got %d polls, want %d", got, want)
		}
	})
}

// TestServerBack: fewer errors in a row than pollTries are not worth a word.
func TestServerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, new(fakeChat))
		synctest.Wait()
		for range 4 {
			s.change(func() { s.errs = map[string]error{"CheckMessages": errors.New("connection refused")} })
			untilPoll(pollTries - 1)
			s.change(func() { s.errs = nil })
			untilPoll(1)
		}
		s.change(func() { s.messages = [][]string{{"bob says hi"}} })
		untilPoll(1)
		if got, want := s.stdout.String(), "bob says hi\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestExpelledIsSaidOnce: the server answers each poll of a user whom somebody
// else logged out with the same message.
func TestExpelledIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expelled := []string{"*** You are not logged in, alice"}
		s := enter(t, &fakeChat{messages: [][]string{expelled, expelled, expelled, {"bob says hi"}, expelled}})
		untilPoll(10)
		want := expelled[0] + "\nbob says hi\n" + expelled[0] + "\n"
		if got := s.stdout.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
