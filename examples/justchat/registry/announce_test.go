package registry_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
)

// life is that of the leases in tests.
const life = 5 * time.Second

func node(start uint64) justchat.ServerNode {
	return justchat.ServerNode{Name: "s", Address: "h:1", Start: start}
}

func TestAddServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here, there := openDesk(t, m), openDesk(t, m)
		release := here.AddServer(node(1), life)
		here.has(t, "s@h:1/1")
		there.has(t, "s@h:1/1")
		time.Sleep(time.Hour)
		there.has(t, "s@h:1/1")
		release()
		release()
		time.Sleep(life - 1)
		there.has(t, "s@h:1/1")
		time.Sleep(2 * time.Nanosecond)
		here.has(t, "")
		there.has(t, "")
		for _, d := range []*desk{here, there} {
			d.heard(t, "s@h:1/1 -s@h:1/1")
		}
	})
}

// TestServerMoves has a server lose its load balancer, and announce itself at another one.
func TestServerMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here, there, watcher := openDesk(t, m), openDesk(t, m), openDesk(t, m)
		release := here.AddServer(node(1), life)
		watcher.heard(t, "s@h:1/1")
		release()
		time.Sleep(life / 2)
		there.AddServer(node(1), life)
		time.Sleep(time.Hour)
		for _, d := range []*desk{here, there, watcher} {
			d.has(t, "s@h:1/1")
		}
		watcher.heard(t, "")

		release = here.AddServer(node(2), life) // it has started anew; there nobody has noticed yet
		watcher.heard(t, "s@h:1/2")
		there.has(t, "s@h:1/2")
		here.AddServer(node(1), life)() // comes too late
		watcher.heard(t, "")
		release()
		time.Sleep(2 * life)
		watcher.has(t, "s@h:1/1")
	})
}

// TestServerIsTakenBack has a load balancer hold a server that another one has taken over and then lost.
func TestServerIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here, there, watcher := openDesk(t, m), openDesk(t, m), openDesk(t, m)
		here.AddServer(node(1), life)
		synctest.Wait()
		there.AddServer(node(1), life)
		synctest.Wait()
		there.Close()
		time.Sleep(life + time.Second)
		watcher.has(t, "s@h:1/1")
		here.heard(t, "s@h:1/1")
	})
}

func TestServerOfADeadLoadBalancer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here, there := openDesk(t, m), openDesk(t, m)
		here.AddServer(node(1), life)
		there.has(t, "s@h:1/1")
		here.Close()
		here.AddServer(node(2), life)() // too late, and harmless
		time.Sleep(life - 1)
		there.has(t, "s@h:1/1")
		time.Sleep(2 * time.Nanosecond)
		there.has(t, "")
	})
}

func TestAddServerWithoutQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here, there := openDesk(t, m), openDesk(t, m)
		here.AddServer(justchat.ServerNode{Name: "a", Address: "h:1", Start: 1}, life)
		there.has(t, "a@h:1/1")
		m.SetQuorum(false)
		here.AddServer(justchat.ServerNode{Name: "b", Address: "h:2", Start: 1}, life)
		time.Sleep(time.Hour) // a's lease is lost
		here.has(t, "a@h:1/1 b@h:2/1 no quorum")
		there.has(t, "a@h:1/1 no quorum")
		m.SetQuorum(true)
		time.Sleep(2 * life)
		here.has(t, "a@h:1/1 b@h:2/1")
		there.has(t, "a@h:1/1 b@h:2/1")
		for _, d := range []*desk{here, there} {
			d.heard(t, "a@h:1/1 b@h:2/1")
		}
	})
}

// TestServerAnnouncesAgain has a server's connection break and come back, at the same load balancer.
func TestServerAnnouncesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here, there := openDesk(t, m), openDesk(t, m)
		for start := range uint64(10) {
			release := here.AddServer(node(start), life)
			if start%2 == 0 {
				release()
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Hour)
		here.has(t, "s@h:1/9")
		there.has(t, "s@h:1/9")
	})
}

// takeSlot takes a slot that is there at once.
func takeSlot(t *testing.T, d *desk, address string, max int) (release func()) {
	t.Helper()
	begun := time.Now()
	release, err := d.TakeSlot(t.Context(), address, max, life)
	works(t, "take a slot for "+address, err)
	if took := time.Since(begun); took > 0 {
		t.Errorf("a slot for %s took %s, want it at once", address, took)
	}
	return release
}

func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		desks := make([]*desk, 5)
		releases := make([]func(), 3)
		for i := range desks {
			desks[i] = openDesk(t, m)
		}
		for i := range releases {
			releases[i] = takeSlot(t, desks[i], fmt.Sprint("h:", i), 3)
		}
		for _, d := range desks {
			d.has(t, "h:0 h:1 h:2")
		}
		begun := time.Now()
		_, err := desks[3].TakeSlot(t.Context(), "h:3", 3, life)
		taken := fails[*registry.SlotsTaken](t, "a fourth", err)
		if got := strings.Join(taken.Addresses, " "); got != "h:0 h:1 h:2" {
			t.Errorf("taken: got %q, want all three", got)
		}
		if got, want := taken.Error(), "there are 3 load balancers already, as many as may be: h:0, h:1, h:2; stop one, or raise -max-loadbalancers on all (0 is any number)"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if took := time.Since(begun); took < life || took > 2*life {
			t.Errorf("the fourth was told after %s, want one lease of %s and a little", took, life)
		}

		desks[1].Close() // dies
		takeSlot(t, desks[4], "h:1", 3)
		desks[0].has(t, "h:0 h:1 h:2")
		time.Sleep(time.Hour)
		desks[0].has(t, "h:0 h:1 h:2")

		releases[2]()
		desks[0].has(t, "h:0 h:1")
		takeSlot(t, desks[3], "h:3", 3)
		desks[0].has(t, "h:0 h:1 h:3")
		takeSlot(t, desks[2], "h:2", 0)
		desks[0].has(t, "h:0 h:1 h:3 h:2")
	})
}

func TestSlotOfADeadLoadBalancer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		first, second := openDesk(t, m), openDesk(t, m)
		takeSlot(t, first, "h:1", 1)
		first.Close()
		begun := time.Now()
		_, err := second.TakeSlot(t.Context(), "h:2", 1, life)
		works(t, "take a dead one's slot", err)
		if took := time.Since(begun); took < life || took > life+2*time.Second {
			t.Errorf("a dead one's slot took %s, want a lease of %s", took, life)
		}
		second.has(t, "h:2")
	})
}

func TestSlotRaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		errs := make(chan error)
		for i := range 10 {
			d := openDesk(t, m)
			go func() {
				_, err := d.TakeSlot(t.Context(), fmt.Sprint("h:", i), 3, life)
				errs <- err
			}()
		}
		taken := 0
		for range 10 {
			if err := <-errs; err == nil {
				taken++
			} else {
				fails[*registry.SlotsTaken](t, "one too many", err)
			}
		}
		if taken != 3 {
			t.Errorf("got %d slots taken, want 3", taken)
		}
	})
}

func TestSlotWithoutQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		first, second := openDesk(t, m), openDesk(t, m)
		takeSlot(t, first, "h:1", 3)
		m.SetQuorum(false)
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := second.TakeSlot(impatient, "h:2", 3, life); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v without quorum, want that of the context", err)
		}
		got := make(chan error)
		go func() {
			_, err := second.TakeSlot(t.Context(), "h:2", 3, life)
			got <- err
		}()
		time.Sleep(time.Hour) // the first one's lease is lost
		m.SetQuorum(true)
		works(t, "take a slot when the quorum is back", <-got)
		time.Sleep(2 * life)
		if got := slices.Sorted(slices.Values(first.LoadBalancers())); strings.Join(got, " ") != "h:1 h:2" {
			t.Errorf("got load balancers %v, want both", got)
		}

		third := openDesk(t, m)
		go func() {
			_, err := third.TakeSlot(t.Context(), "h:3", 2, life)
			got <- err
		}()
		synctest.Wait()
		third.Close()
		if err := <-got; err == nil || err.Error() != "the directory is closed" {
			t.Errorf("got error %v from a directory that was closed, want that", err)
		}
	})
}
