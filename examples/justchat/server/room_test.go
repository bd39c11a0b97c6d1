package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A stage is a room with a clock, on a server called "a" that has started once.
type stage struct {
	*room
	t   *testing.T
	now time.Time
	has causal.Vector // what the log has of others
}

func newStage(t *testing.T) *stage {
	return &stage{newRoom("a.1", nil, new(causal.Once), 0, 300*time.Millisecond), t, time.Unix(1, 0), nil}
}

// say has client say its message of that number, and brings it to the disk.
func (s *stage) say(client string, number uint64) (record uint64) {
	s.t.Helper()
	record, err := s.take([]justchat.Message{message(client, number)}, s.has, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	if pending := s.takePending(); len(pending) > 0 {
		s.landed(pending, s.now)
	}
	return record
}

func (s *stage) pass(d time.Duration) {
	s.now = s.now.Add(d)
	s.tick(s.now)
}

// shows returns the texts in the order of showing.
func (s *stage) shows() []string {
	var all []string
	for _, r := range s.tail {
		text := r.record.Message.Text
		if r.late {
			text += " late"
		}
		all = append(all, text)
	}
	return all
}

func (s *stage) want(texts ...string) {
	s.t.Helper()
	if got := s.shows(); fmt.Sprint(got) != fmt.Sprint(texts) {
		s.t.Errorf("got %q shown, want %q", got, texts)
	}
}

// wantCopies expects our record to be acknowledged with so many, 0 for not.
func (s *stage) wantCopies(record uint64, copies uint32) {
	s.t.Helper()
	if got, _, err := s.acknowledged(record); got != copies || err != nil {
		s.t.Errorf("got record %d with %d copies, %v, want %d", record, got, err, copies)
	}
}

func message(client string, number uint64) justchat.Message {
	return justchat.Message{Client: []byte(client), Number: number, Text: fmt.Sprint(client, number)}
}

// foreign is a record of another server.
func foreign(origin string, number, lamport uint64, client string, text uint64, after causal.Vector) *justchat.Record {
	return &justchat.Record{Origin: origin, Number: number, Lamport: lamport, After: after, Message: message(client, text)}
}

// TestRoomAlone has no other server: what is on the disk is acknowledged.
func TestRoomAlone(t *testing.T) {
	s := newStage(t)
	s.wantCopies(s.say("x", 1), 1)
	s.want("x1")
}

// TestRoomSecondCopy acknowledges and shows what another server has, not before.
func TestRoomSecondCopy(t *testing.T) {
	s := newStage(t)
	s.peerAlive("b", true, s.now)
	one, two := s.say("x", 1), s.say("x", 2)
	s.wantCopies(one, 0)
	s.want()
	s.peerHas("b", causal.Vector{"a.1": one}, s.now)
	s.wantCopies(one, 2)
	s.wantCopies(two, 0)
	s.want("x1")
}

// TestRoomSilentPeer waits for a second copy for a while, and says so when it comes later.
func TestRoomSilentPeer(t *testing.T) {
	s := newStage(t)
	s.peerAlive("b", true, s.now)
	l := &listener{wake: make(chan struct{}, 1)}
	s.listen(l, nil)
	record := s.say("x", 7)
	s.pass(299 * time.Millisecond)
	s.wantCopies(record, 0)
	s.pass(time.Millisecond)
	s.wantCopies(record, 1)
	s.want("x7")
	s.unsafe(l, record, 7)
	s.peerHas("b", causal.Vector{"a.1": record}, s.now)
	if _, safe, _, _ := s.read(l, 1, 1); safe != 7 {
		t.Errorf("got %d safe, want 7", safe)
	}
	s.wantCopies(record, 2)
}

// TestRoomPeerDies does not wait for who does not answer.
func TestRoomPeerDies(t *testing.T) {
	s := newStage(t)
	s.peerAlive("b", true, s.now)
	record := s.say("x", 1)
	s.peerAlive("b", false, s.now)
	s.wantCopies(record, 1)
}

// TestRoomPeerLeft does not take what a server says after it has left for the word of one that is there.
func TestRoomPeerLeft(t *testing.T) {
	s := newStage(t)
	s.peerAlive("b", true, s.now)
	s.forget("b", s.now)
	s.peerHas("b", causal.Vector{"c.1": 9}, s.now)
	if servers, _ := s.lag(); servers != 0 || len(s.peers) != 0 {
		t.Errorf("got %d servers that answer, %d known, want none", servers, len(s.peers))
	}
}

// TestRoomBoast ignores a peer that has more of ours than there is.
func TestRoomBoast(t *testing.T) {
	s := newStage(t)
	s.peerAlive("b", true, s.now)
	s.peerHas("b", causal.Vector{"a.1": 99}, s.now)
	s.wantCopies(s.say("x", 1), 0)
}

// TestRoomTwice shows a message once, whatever records hold it.
func TestRoomTwice(t *testing.T) {
	s := newStage(t)
	s.add([]*justchat.Record{foreign("b.1", 1, 1, "x", 1, nil)}, s.now)
	if record := s.say("x", 1); record != 0 {
		t.Errorf("got record %d for a message that the room has, want none", record)
	}
	s.say("x", 2)
	s.add([]*justchat.Record{foreign("b.1", 2, 2, "x", 2, nil)}, s.now)
	s.want("x1", "x2")
	if got := s.next([]byte("x")); got != 3 {
		t.Errorf("got %d as the next number, want 3", got)
	}
}

// TestRoomTakenWhileWaiting has a client come from another server, of which a record with its first message
// waits for something else: what it says next is not shown before that.
func TestRoomTakenWhileWaiting(t *testing.T) {
	s := newStage(t)
	s.add([]*justchat.Record{foreign("b.1", 1, 5, "x", 1, causal.Vector{"c.1": 1})}, s.now)
	s.say("x", 1)
	s.say("x", 2)
	s.want("x1", "x2")
	s.pass(causal.Patience)
	s.want("x1", "x2")
}

// TestRoomTakenAfterGap acknowledges a message by a record that can be shown, not by one that waits for what may
// never come.
func TestRoomTakenAfterGap(t *testing.T) {
	s := newStage(t)
	s.add([]*justchat.Record{foreign("b.1", 2, 5, "x", 1, nil)}, s.now)
	if record := s.say("x", 1); record != 1 {
		t.Errorf("got record %d, want one of ours", record)
	}
	s.want("x1")
}

// TestRoomWaiting shows what the log had after a gap when it was opened, once that is filled.
func TestRoomWaiting(t *testing.T) {
	once := new(causal.Once)
	once.See([]byte("x"), 1)
	once.See([]byte("x"), 3) // of the record after the gap
	s := newStage(t)
	s.room = newRoom("a.2", causal.Vector{"b.1": 1}, once, 9, 300*time.Millisecond)
	s.wait([]*justchat.Record{foreign("b.1", 3, 9, "x", 3, nil)}, s.now)
	s.want()
	s.add([]*justchat.Record{foreign("b.1", 2, 8, "x", 2, nil)}, s.now)
	s.want("x2", "x3")
}

// TestRoomOlderStart does not say of a message in a record of an earlier start that it is on two disks before another
// server has that.
func TestRoomOlderStart(t *testing.T) {
	once := new(causal.Once)
	once.See([]byte("x"), 1)
	start := func() *stage {
		s := newStage(t)
		s.room = newRoom("a.2", causal.Vector{"a.1": 4, "b.1": 1}, once.Clone(), 9, 300*time.Millisecond)
		s.peerAlive("b", true, s.now)
		return s
	}
	s := start()
	s.peerHas("b", causal.Vector{"a.1": 3, "b.1": 1}, s.now)
	s.wantCopies(s.say("x", 1), 0)
	s.pass(300 * time.Millisecond)
	s.wantCopies(1, 1)
	s.want()

	s = start()
	s.peerHas("b", causal.Vector{"a.1": 4, "b.1": 1}, s.now)
	s.wantCopies(s.say("x", 1), 2)
	s.want()
}

// TestRoomUnsafeBounded keeps little of a client that speaks for long while there is no other server.
func TestRoomUnsafeBounded(t *testing.T) {
	s := newStage(t)
	l := &listener{wake: make(chan struct{}, 1)}
	s.listen(l, nil)
	const count = 10 * maxUnsafe
	for n := range uint64(count) {
		s.unsafe(l, s.say("x", n+1), n+1)
	}
	if got := len(l.unsafe); got > maxUnsafe {
		t.Errorf("got %d entries kept, want at most %d", got, maxUnsafe)
	}
	s.peerAlive("b", true, s.now)
	s.peerHas("b", causal.Vector{"a.1": count - 1}, s.now)
	if l.safe == count {
		t.Error("the last message is said to be safe, which has one copy")
	}
	s.peerHas("b", causal.Vector{"a.1": count}, s.now)
	if l.safe != count {
		t.Errorf("got %d safe, want %d", l.safe, count)
	}
	s.unsafe(l, 1, 1)
	if l.safe != count {
		t.Errorf("got %d safe after an older message, want %d", l.safe, count)
	}
}

// TestRoomOrder shows an answer after what it answers, and does without that after a while.
func TestRoomOrder(t *testing.T) {
	s := newStage(t)
	s.add([]*justchat.Record{foreign("b.1", 1, 5, "y", 1, causal.Vector{"c.1": 1})}, s.now)
	s.want()
	s.add([]*justchat.Record{foreign("c.1", 1, 4, "z", 1, nil)}, s.now)
	s.want("z1", "y1")
	s.add([]*justchat.Record{foreign("b.1", 2, 9, "y", 2, causal.Vector{"c.1": 2})}, s.now)
	s.pass(causal.Patience)
	s.want("z1", "y1", "y2 late")
}

// TestRoomAfter gives a record what it comes after: all that the log has, once.
func TestRoomAfter(t *testing.T) {
	s := newStage(t)
	s.add([]*justchat.Record{foreign("b.1", 1, 41, "y", 1, nil)}, s.now)
	s.has = causal.Vector{"b.1": 1}
	s.say("x", 1)
	s.say("x", 2)
	s.has = causal.Vector{"a.1": 2, "b.1": 1, "c.1": 8}
	s.say("x", 3)
	for i, want := range []causal.Vector{{"b.1": 1}, {}, {"c.1": 8}} {
		if got := s.own[i]; fmt.Sprint(causal.Vector(got.After)) != fmt.Sprint(want) || got.Lamport != 42+uint64(i) {
			t.Errorf("record %d: got %v at %d, want %v at %d", i+1, got.After, got.Lamport, want, 42+i)
		}
	}
}

// TestRoomBehind cuts off a reader that the tail has left behind, and tells it apart from one
// that lacks only what the tail has.
func TestRoomBehind(t *testing.T) {
	s := newStage(t)
	l := &listener{wake: make(chan struct{}, 1)}
	_, _, position, _ := s.listen(l, nil)
	for n := range uint64(3 * tailSize) {
		s.say("x", n+1)
	}
	if _, _, _, ok := s.read(l, position, 1); ok {
		t.Error("got records from before the tail, want none")
	}
	if _, complete, _, _ := s.listen(l, causal.Vector{"a.1": 1}); complete {
		t.Error("the tail is said to be all that lacks after the first record")
	}
	missing, complete, _, _ := s.listen(l, causal.Vector{"a.1": 3*tailSize - 2})
	if len(missing) != 2 || !complete {
		t.Errorf("got %d records, complete %v, want the last 2", len(missing), complete)
	}
}

// TestRoomOwnAfter gives a link what its server lacks, in order, if it is in memory.
func TestRoomOwnAfter(t *testing.T) {
	s := newStage(t)
	for n := range uint64(10) {
		s.say("x", n+1)
	}
	if got := s.ownAfter(4, 3); len(got) != 3 || got[0].Number != 5 {
		t.Errorf("got %d records, want 5, 6 and 7", len(got))
	}
	if got := s.ownAfter(10, 3); len(got) != 0 {
		t.Errorf("got %d records after the last, want none", len(got))
	}
	for n := range uint64(2 * ownSize) {
		s.say("y", n+1)
	}
	if got := s.ownAfter(4, 3); len(got) != 0 {
		t.Errorf("got %d records that are no longer in memory, want none", len(got))
	}
}

// A server that begins waits until another has said what it has, and until it has as much: nothing, in a new cluster.
func TestUpToDate(t *testing.T) {
	s := newStage(t)
	want := func(seen causal.Vector, want bool) {
		t.Helper()
		if got := s.upToDate(seen); got != want {
			t.Errorf("up to date with %v: got %v, want %v", seen, got, want)
		}
	}
	want(nil, true) // nobody is there
	s.peerAlive("b", true, s.now)
	want(nil, false)
	s.peerHas("b", nil, s.now)
	want(nil, true)
	s.peerHas("b", causal.Vector{"b.1": 2}, s.now)
	want(nil, false)
	want(causal.Vector{"b.1": 1}, false)
	want(causal.Vector{"b.1": 2}, true)
}
