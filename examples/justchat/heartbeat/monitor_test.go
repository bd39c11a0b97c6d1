package heartbeat

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	addressA = "10.0.0.1:1"
	addressB = "10.0.0.2:2"
	addressC = "10.0.0.3:3"
)

var key = []byte("the key of the cluster")

// A jury keeps the verdicts, as «name alive» or «name dead».
type jury struct {
	mutex    sync.Mutex
	verdicts []string
}

func (j *jury) hear(name string, alive bool) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	word := " dead"
	if alive {
		word = " alive"
	}
	j.verdicts = append(j.verdicts, name+word)
}

// want compares the verdicts so far, and forgets them.
func (j *jury) want(t *testing.T, want ...string) {
	t.Helper()
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if !slices.Equal(j.verdicts, want) {
		t.Errorf("verdicts: got %q, want %q", j.verdicts, want)
	}
	j.verdicts = nil
}

// pair plays with two monitors in a bubble, of which a watches b; half a round has gone
// when play begins, so that time.Sleep(n * Interval) is n rounds.
func pair(t *testing.T, play func(n *network, a *Monitor, j *jury)) {
	synctest.Test(t, func(t *testing.T) {
		n, j := new(network), new(jury)
		b := New(n.listen(addressB), Config{Key: key, State: func() State { return State{Clients: 7, Draining: true} }})
		defer b.Close()
		a := New(n.listen(addressA), Config{Key: key, Verdict: j.hear})
		defer a.Close()
		if err := a.Watch("b", addressB); err != nil {
			t.Fatal(err)
		}
		time.Sleep(Interval / 2)
		play(n, a, j)
	})
}

// rounds lets so many go by.
func rounds(count int) { time.Sleep(time.Duration(count) * Interval) }

// drop carries nothing to that address.
func drop(address string) func(from, to string, data []byte) [][]byte {
	return func(_, to string, data []byte) [][]byte {
		if to == address {
			return nil
		}
		return [][]byte{data}
	}
}

func TestVerdicts(t *testing.T) {
	for _, lost := range []string{addressA, addressB} { // answers, or pings
		pair(t, func(n *network, a *Monitor, j *jury) {
			rounds(10)
			j.want(t)
			n.set(drop(lost))
			rounds(4)
			n.set(nil)
			rounds(10)
			j.want(t)
			n.set(drop(lost))
			rounds(5)
			j.want(t) // the fifth silent round ends with the next
			rounds(1)
			j.want(t, "b dead")
			if status, ok := a.Status("b"); !ok || status.Alive {
				t.Errorf("status: got %+v, %v, want a dead node", status, ok)
			}
			rounds(20)
			n.set(nil)
			rounds(1)
			j.want(t, "b alive")
		})
	}
}

func TestStatus(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		if got, ok := a.Status("c"); ok {
			t.Errorf("of an unknown node: got %+v", got)
		}
		n.set(func(_, to string, data []byte) [][]byte {
			time.Sleep(3 * time.Millisecond)
			return [][]byte{data}
		})
		rounds(2)
		got, _ := a.Status("b")
		if want := (Status{true, State{Clients: 7, Draining: true}, 6 * time.Millisecond}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		a.Forget("b")
		if got, ok := a.Status("b"); ok {
			t.Errorf("of a forgotten node: got %+v", got)
		}
		n.set(drop(addressB))
		rounds(20)
		j.want(t)
	})
}

// TestAStallIsNoVerdict: while the rounds of a come too late, it says nothing about b,
// which does not answer; the silence before the stall and after it still counts.
func TestAStallIsNoVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, j := new(network), new(jury)
		conn := n.listen(addressA)
		a := New(conn, Config{Key: key, Verdict: j.hear})
		defer a.Close()
		time.Sleep(Interval / 2)
		a.Watch("b", addressB)
		rounds(4) // three silent ones have ended
		conn.setStall(Interval + Slack + 1)
		time.Sleep(time.Hour)
		j.want(t)
		conn.setStall(Interval + Slack) // as late as may be
		time.Sleep(3 * (Interval + Slack))
		j.want(t, "b dead")
	})
}

// TestSlowIsNotDead: answers that take longer than the rounds of a verdict say that the node lives.
func TestSlowIsNotDead(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		j.want(t)
		var group sync.WaitGroup
		n.set(func(from, to string, data []byte) [][]byte {
			if to != addressA {
				return [][]byte{data}
			}
			data = slices.Clone(data)
			group.Go(func() {
				time.Sleep(10 * Interval)
				n.mutex.Lock()
				defer n.mutex.Unlock()
				if c := n.conns[to]; c != nil {
					c.in <- datagram{c.address, data}
				}
			})
			return nil
		})
		rounds(8)
		j.want(t, "b dead")
		rounds(100)
		j.want(t, "b alive")
		n.set(nil)
		a.Close()
		group.Wait()
	})
}

func TestNamesMayShareAnAddress(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		a.Watch("b2", addressB)
		rounds(10)
		j.want(t)
		n.set(drop(addressB))
		rounds(6)
		j.mutex.Lock()
		slices.Sort(j.verdicts)
		j.mutex.Unlock()
		j.want(t, "b dead", "b2 dead")
	})
}

// TestMove: a node that moves has its rounds anew, and stays dead until it answers.
func TestMove(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		n.set(drop(addressB))
		rounds(4)
		a.Watch("b", addressC)
		rounds(5)
		j.want(t)
		rounds(1)
		j.want(t, "b dead")
		n.set(nil)
		rounds(10) // b would answer at its old address, where nobody asks
		j.want(t)
		c := New(n.listen(addressC), Config{Key: key})
		defer c.Close()
		rounds(1)
		j.want(t, "b alive")
		a.Watch("b", addressC)
		rounds(10)
		j.want(t)
	})
}

// TestWatchAgain: to be told of a node once more, at the same address, is no sign of life.
func TestWatchAgain(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		n.set(drop(addressB))
		for range 6 {
			a.Watch("b", addressB)
			rounds(1)
		}
		j.want(t, "b dead")
	})
}

func TestWatchRefusesWhatIsNoAddress(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		for _, address := range []string{"", "10.0.0.1", "10.0.0.1:99999"} {
			if err := a.Watch("b", address); err == nil {
				t.Errorf("%q is taken for an address", address)
			}
		}
		rounds(10)
		j.want(t)
	})
}

// TestVerdictMayCallBack: Verdict may use the Monitor, and hears nothing more of what it forgot.
func TestVerdictMayCallBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(network)
		var told []string
		var a *Monitor
		made := make(chan struct{})
		a = New(n.listen(addressA), Config{Key: key, Verdict: func(name string, alive bool) {
			<-made
			told = append(told, name)
			for i := range 10 {
				a.Forget(fmt.Sprint(i))
			}
			a.Watch("new", addressB)
			a.Status(name)
		}})
		close(made)
		for i := range 10 {
			a.Watch(fmt.Sprint(i), addressB)
		}
		rounds(8)
		a.Close()
		if len(told) != 1 {
			t.Errorf("told of %q, want one", told)
		}
	})
}

func TestCloseEndsAll(t *testing.T) {
	pair(t, func(n *network, a *Monitor, j *jury) {
		for range 2 {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}
		rounds(100)
		j.want(t)
	})
}
