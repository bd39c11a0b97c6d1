package rpcchat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// reader checks what one user gets: messages of each sender are numbered from
// 1, and each number that is missing has been told by a notice.
type reader struct {
	seen    map[string]int // by sender, the last number
	missing int            // numbers that were skipped
	told    int            // numbers that notices told of
}

// read takes one response. In a queue with one sender, a notice must stand
// exactly where the numbers are missing.
func (r *reader) read(texts []string, oneSender bool) error {
	for _, text := range texts {
		if count, isNotice := strings.CutPrefix(text, "*** Your queue was full; oldest messages dropped: "); isNotice {
			dropped, err := strconv.Atoi(count)
			if err != nil {
				return err
			}
			r.told += dropped
			continue
		}
		words := strings.Fields(text) // SENDER says NUMBER padding
		number, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		sender := words[0]
		if number <= r.seen[sender] {
			return fmt.Errorf("got message %d of %s after message %d", number, sender, r.seen[sender])
		}
		r.missing += number - r.seen[sender] - 1
		r.seen[sender] = number
		if oneSender && r.missing != r.told {
			return fmt.Errorf("before message %d: %d are missing, notices tell of %d", number, r.missing, r.told)
		}
	}
	return nil
}

// TestQueueLosesNothing mixes messages of all sizes with responses that arrive
// or do not, in random order: whoever reads what arrived gets every message
// once and in order, but for those that a notice in their place tells of.
func TestQueueLosesNothing(t *testing.T) {
	for seed := range uint64(100) {
		if err := mixQueue(rand.New(rand.NewPCG(seed, 1))); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func mixQueue(random *rand.Rand) error {
	room := NewRoom()
	room.QueueLimit = 1 + random.IntN(20)
	ctx := context.Background()
	room.Register(ctx, "alice")
	largest := 1 << (3 + random.IntN(13))
	got := reader{seen: map[string]int{}}
	sent := 0
	say := func() {
		sent++
		room.Say(ctx, "bob", fmt.Sprintf("%d %s", sent, strings.Repeat("x", random.IntN(largest))))
	}
	for range 200 {
		if random.IntN(3) > 0 {
			say()
			continue
		}
		q, taken, err := room.take(ctx, "alice")
		if err != nil {
			return err
		}
		for range random.IntN(4) * random.IntN(8) {
			say()
		}
		delivered := random.IntN(2) > 0
		if delivered {
			err = got.read(taken.texts(), true)
		}
		room.settle(q, taken, delivered)
		if waiting := len(q.messages); err == nil && waiting > room.QueueLimit {
			err = fmt.Errorf("%d messages wait, the limit is %d", waiting, room.QueueLimit)
		}
		if err != nil {
			return err
		}
	}
	return readRest(room, &got, sent)
}

// readRest empties the queue; then all that was sent must be accounted for.
func readRest(room *Room, got *reader, sent int) error {
	for {
		texts, err := room.CheckMessages(context.Background(), "alice")
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			break
		}
		if err := got.read(texts, true); err != nil {
			return err
		}
	}
	if got.missing != got.told || got.seen["bob"] != sent {
		return fmt.Errorf("at the end: %d are missing, notices tell of %d; the last is %d of %d",
			got.missing, got.told, got.seen["bob"], sent)
	}
	return nil
}

// flaky is a listener whose connections fail in the middle of every third
// response, as when a peer goes away.
type flaky struct {
	net.Listener
	mutex sync.Mutex
	count int
}

type flakyConn struct {
	net.Conn
	breaks bool
}

func (f *flaky) Accept() (net.Conn, error) {
	conn, err := f.Listener.Accept()
	if err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.count++
	return &flakyConn{conn, f.count%3 == 0}, nil
}

func (c *flakyConn) Write(p []byte) (int, error) {
	if !c.breaks {
		return c.Conn.Write(p)
	}
	n, _ := c.Conn.Write(p[:len(p)/2])
	return n, errors.New("the line broke")
}

// TestBrokenResponsesLoseNothing does the same over a network whose
// connections break, with three senders at once.
func TestBrokenResponsesLoseNothing(t *testing.T) {
	const senders, each = 3, 200
	server := startServer(t, func(l net.Listener) net.Listener { return &flaky{Listener: l} })
	ctx := t.Context()
	if err := server.Room.Register(ctx, "alice"); err != nil {
		t.Fatal(err)
	}
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			for number := range each { // to the room itself: a sender cannot know whether to say it again
				server.Say(ctx, fmt.Sprintf("sender%d", sender), fmt.Sprintf("%d %s", number+1, strings.Repeat("x", 500)))
			}
		})
	}
	alice := server.client()
	got := reader{seen: map[string]int{}}
	over := make(chan struct{})
	go func() { sending.Wait(); close(over) }() // ends with the loop
	received, failed := 0, 0
	for all := false; !all; {
		said := isClosed(over)
		texts, err := alice.CheckMessages(ctx, "alice")
		if err != nil {
			failed++
			continue
		}
		if err := got.read(texts, false); err != nil {
			t.Fatal(err)
		}
		received += len(texts)
		all = said && len(texts) == 0
	}
	if received != senders*each || got.missing != 0 || got.told != 0 {
		t.Errorf("got %d messages, %d are missing between them, notices tell of %d; want %d, none, none",
			received, got.missing, got.told, senders*each)
	}
	if failed == 0 {
		t.Error("no response was broken: the test shows nothing")
	}
}
