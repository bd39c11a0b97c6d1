package causal

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// TestQueue plays scripts of steps, each at its time in milliseconds:
//
//	TIME add ORIGIN NUMBER [ORIGIN:NUMBER …]   a record, and what it comes after
//	TIME skip ORIGIN:NUMBER
//	TIME next = RECORD … [wake TIME]           a1, or a1! if it is late
//	TIME lacks = ORIGIN:NUMBER …
func TestQueue(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"numbers of one origin", `
			0 add a 2
			0 next =
			0 lacks = a:1
			0 add a 1
			0 next = a1 a2
			9000 add a 2
			9000 next =
			9000 lacks =`},
		{"a gap is waited for without end", `
			0 add a 1
			0 add a 3
			99000 next = a1
			99000 add a 2
			99000 next = a2 a3`},
		{"what it comes after", `
			0 add b 1 a:2
			0 add a 1
			10 next = a1 wake 5000
			10 lacks = a:2
			20 add a 2
			20 next = a2 b1`},
		{"patience ends", `
			0 add b 1 a:2
			1 add b 2
			4999 next = wake 5000
			5000 next = b1! b2
			5001 add a 1
			5001 add a 2
			5001 next = a1 a2`},
		{"each waits from when it came", `
			0 add b 1 a:1
			1000 add b 2 c:1
			0 next = wake 5000
			5000 next = b1! wake 6000
			6000 next = b2!`},
		{"those that were kept by a gap wait anew", `
			0 add b 2 a:1
			9000 next =
			9000 add b 1
			9000 next = b1 wake 14000
			9001 add a 1
			9001 next = a1 b2`},
		{"of those that waited too long the first goes first", `
			0 add c 1 b:1
			0 add b 1 a:1
			6000 next = b1! c1`},
		{"the lost one's own dependents need it no more", `
			0 add b 1 a:1
			0 add c 1 a:1 b:1
			6000 next = b1! c1!`},
		{"a circle is broken", `
			0 add a 1 b:1
			0 add b 1 a:1
			0 next = wake 5000
			0 lacks =
			5000 next = a1! b1`},
		{"of itself it names nothing", `
			0 add a 1 a:7
			0 next = a1`},
		{"a new start waits for no more of the old than it names", `
			0 add x.1 1
			0 add x.1 3
			0 add x.2 1 x.1:1
			0 next = x.11 x.21
			0 lacks = x.1:2`},
		{"what waits in the queue is not lacking", `
			0 add c 1 b:1
			0 add b 1 a:1
			0 lacks = a:1`},
		{"what is gone is not waited for", `
			0 add a 7
			0 add b 1 a:4
			0 skip a:4
			0 next = b1
			0 lacks = a:6
			0 add a 3
			0 next =
			0 skip a:6
			0 next = a7`},
		{"what is gone elsewhere and waits here is shown", `
			0 add a 3
			0 add a 5
			0 add a 8
			0 skip a:6
			0 next = a3 a5
			0 lacks = a:7
			0 add a 7
			0 next = a7 a8`},
		{"numbers that are none", `
			0 add a 0
			0 add a 18446744073709551615
			0 skip a:18446744073709551614
			0 next = a18446744073709551615
			0 add a 1
			0 next =`},
	} {
		t.Run(test.name, func(t *testing.T) { play(t, new(Queue), test.script) })
	}
}

func play(t *testing.T, q *Queue, script string) {
	epoch := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(word string) time.Time { return epoch.Add(time.Duration(number(word)) * time.Millisecond) }
	lamport := map[string]uint64{"a": 1, "b": 2, "c": 3}
	for line := range strings.Lines(strings.TrimSpace(script)) {
		command, want, _ := strings.Cut(strings.TrimSpace(line), "=")
		words := strings.Fields(command)
		now, got := at(words[0]), ""
		switch words[1] {
		case "add":
			n := number(words[3])
			q.Add(&justchat.Record{Origin: words[2], Number: n, Lamport: n + lamport[words[2]], After: vector(words[4:])}, now)
		case "skip":
			q.Skip(vector(words[2:]), now)
		case "lacks":
			if got := q.Lacks(); !maps.Equal(got, vector(strings.Fields(want))) {
				t.Errorf("%s: got %v", strings.TrimSpace(line), got)
			}
			continue
		case "next":
			ready, late, wake := q.Next(now)
			for i, r := range ready {
				got += fmt.Sprintf(" %s%d", r.Origin, r.Number)
				if late[i] {
					got += "!"
				}
			}
			if !wake.IsZero() {
				got += fmt.Sprint(" wake ", wake.Sub(epoch).Milliseconds())
			}
		}
		if strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s: got %s", strings.TrimSpace(line), got)
		}
	}
}

func vector(words []string) Vector {
	v := make(Vector)
	for _, word := range words {
		origin, n, _ := strings.Cut(word, ":")
		v[origin] = number(n)
	}
	return v
}

func number(word string) uint64 {
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func TestNewQueueGoesOn(t *testing.T) {
	q := NewQueue(Vector{"a": 4})
	play(t, q, `
		0 add a 4
		0 add b 1 a:4
		0 next = b1
		0 add a 5
		0 next = a5`)
	if got, want := q.Shown(), (Vector{"a": 5, "b": 1}); !maps.Equal(got, want) {
		t.Errorf("shown: got %v, want %v", got, want)
	}
	if got := q.waiting(); got != 0 {
		t.Errorf("waiting: got %d, want 0", got)
	}
}

// waiting returns how many records wait.
func (q *Queue) waiting() (n int) {
	for _, l := range q.lanes {
		n += len(l.line) + len(l.beyond)
	}
	return n
}
