package rpcchat

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/rpcchat"
)

const (
	soakUsers = 40
	soakAhead = 50 // messages that a user has said and not heard itself
)

// TestSoak lets many users chat over the network for as long as PARLEY_SOAK
// says, such as 10m: everyone gets every message of everyone, once and in order.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("PARLEY_SOAK"))
	if err != nil {
		t.Skip("skipped: make soak runs it, or PARLEY_SOAK=10s")
	}
	server := startServer(t, nil)
	for i := range soakUsers {
		if err := server.Room.Register(t.Context(), soakUser(i)); err != nil {
			t.Fatal(err)
		}
	}
	drainAll(t, server)
	ctx, stop := context.WithTimeout(t.Context(), duration)
	defer stop()
	all := soaking{chat: server.client(), over: make(chan struct{})}
	all.talkers.Add(soakUsers)
	var chatting sync.WaitGroup
	chatting.Go(func() { all.talkers.Wait(); close(all.over) })
	errs := make([]error, soakUsers)
	for i := range soakUsers {
		chatting.Go(func() { errs[i] = all.chatAs(ctx, i) })
	}
	chatting.Wait()
	total := int64(0)
	for i, err := range errs {
		total += all.said[i].Load()
		if err != nil {
			t.Errorf("%s: %v", soakUser(i), err)
		}
	}
	t.Logf("%d users said %d messages in %v, %d were delivered", soakUsers, total, duration, total*soakUsers)
}

// soaking is what the users of TestSoak share.
type soaking struct {
	chat    rpcchat.Chat
	said    [soakUsers]atomic.Int64 // how many messages each has said
	talkers sync.WaitGroup          // those who may still say something
	over    chan struct{}           // closed when nobody will
}

func soakUser(i int) string { return fmt.Sprintf("user%d", i) }

// drainAll takes the announcements of the logins off the queues.
func drainAll(t *testing.T, server *running) {
	for i := range soakUsers {
		if _, err := server.Room.CheckMessages(t.Context(), soakUser(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// chatAs is one user: it speaks until ctx ends, and reads until it has heard everything.
func (s *soaking) chatAs(ctx context.Context, self int) error {
	user, heard := soakUser(self), make(map[string]int64)
	quiet := sync.OnceFunc(s.talkers.Done)
	defer quiet() // also after an error
	for {
		if ctx.Err() != nil {
			quiet()
		} else if s.said[self].Load()-heard[user] < soakAhead {
			number := s.said[self].Add(1)
			if err := s.chat.Say(context.WithoutCancel(ctx), user, fmt.Sprint(number)); err != nil {
				return err
			}
		}
		over := isClosed(s.over)
		texts, err := s.chat.CheckMessages(context.WithoutCancel(ctx), user)
		if err != nil {
			return err
		}
		if err := listen(heard, texts); err != nil {
			return err
		}
		if over && len(texts) == 0 {
			return s.compare(heard)
		}
	}
}

func isClosed(over <-chan struct{}) bool {
	select {
	case <-over:
		return true
	default:
		return false
	}
}

// listen checks that each text is the next one of its sender.
func listen(heard map[string]int64, texts []string) error {
	for _, text := range texts {
		sender, _, _ := strings.Cut(text, " ")
		heard[sender]++
		if want := fmt.Sprintf("%s says %d", sender, heard[sender]); text != want {
			return fmt.Errorf("got %q, want %q", text, want)
		}
	}
	return nil
}

// compare checks that a user has heard all that was said.
func (s *soaking) compare(heard map[string]int64) error {
	for i := range soakUsers {
		if got, want := heard[soakUser(i)], s.said[i].Load(); got != want {
			return fmt.Errorf("heard %d messages of %s, want %d", got, soakUser(i), want)
		}
	}
	return nil
}
