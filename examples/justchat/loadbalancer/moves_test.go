package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// wantOrder reports an error of the test unless the next order is that one.
func (p *person) wantOrder(number uint64, server *chatServer) {
	p.Helper()
	if got := p.order(); got.Number != number || got.Name != server.node.Name || got.Address != server.node.Address {
		p.Errorf("got order %+v, want number %d to %+v", got, number, server.node)
	}
}

// wantNoOrder reports an error of the test if there is an order in a time in which there would have been one.
func (p *person) wantNoOrder() {
	p.Helper()
	select {
	case order := <-p.orders:
		p.Errorf("got order %+v, want none", order)
	case <-time.After(3 * lookEvery):
	}
}

func TestLeastLoadedServer(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	for i, name := range []string{"s1", "s2", "s3"} {
		c.starts(name, all[i%2])
	}
	for _, b := range all {
		until(t, "all know the servers", func() bool { return b.Stats().Usable == 3 })
	}
	got := make(map[string]int)
	for i := range 30 {
		p := c.person(fmt.Sprint("person", i), nil, all[i%2])
		p.enters()
		got[p.order().Name]++
		for _, b := range all {
			until(t, "all know who is in", func() bool { return b.Stats().Present == i+1 })
		}
	}
	// Where a client was sent is told a moment after it came in, so another may go to the same.
	for name, n := range got {
		if n < 8 || n > 12 {
			t.Errorf("got %d of 30 on %s, want about a third", n, name)
		}
	}
}

func TestClientsOfADeadServerMove(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	b := c.balancers(1)[0]
	dying := c.starts("dying", b)
	elon := c.person("elon", nil, b)
	elon.enters()
	elon.wantOrder(1, dying)
	other := c.starts("other", b)
	elon.wantNoOrder()
	began := time.Now()
	dying.dies()
	elon.wantOrder(2, other)
	if took := time.Since(began); took > 2*time.Second { // 100 ms, where nobody else computes
		t.Errorf("got the order after %v", took)
	}
	until(t, "the dead one has left the list", func() bool { return b.Stats().Servers == 1 })
	elon.wantNoOrder()
}

func TestWaitForAServer(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	b := c.balancers(1)[0]
	elon := c.person("elon", nil, b)
	elon.enters()
	until(t, "elon waits", func() bool { return b.Stats().Waiting == 1 })
	first := c.starts("first", b)
	elon.wantOrder(1, first)
	first.dies()
	until(t, "elon waits again", func() bool { return b.Stats().Waiting == 1 })
	tony := c.person("tony", nil, b)
	tony.enters()
	elon.wantNoOrder()
	second := c.starts("second", b)
	elon.wantOrder(2, second)
	tony.wantOrder(1, second)
	if waiting := b.Stats().Waiting; waiting != 0 {
		t.Errorf("got %d that wait, want none", waiting)
	}
}

// Whose servers die one after the other is not somebody who loses servers that are well: she does not wait.
func TestServersDieInARow(t *testing.T) {
	c := newCluster(t)
	c.limits.Lease = time.Minute
	b := c.balancers(1)[0]
	at, next := c.starts("server0", b), c.starts("server1", b)
	elon := c.person("elon", nil, b)
	elon.setup.Server = "server0"
	elon.enters()
	began := time.Now()
	for i := range 2 * freeMoves {
		if err := elon.ServerFailed(t.Context(), at.node.Name); err != nil {
			t.Fatal(err)
		}
		at.dies()
		elon.wantOrder(uint64(i+1), next)
		at, next = next, c.starts(fmt.Sprint("server", i+2), b)
	}
	if took := time.Since(began); took > longestAgain {
		t.Errorf("got %v for %d servers, want no pauses", took, 2*freeMoves)
	}
}

// A server that is silent for a while, and then answers again, gets its clients back.
func TestServerAnswersAgain(t *testing.T) {
	c := newCluster(t)
	c.limits.Lease = time.Minute
	b := c.balancers(1)[0]
	server := c.starts("only", b)
	elon := c.person("elon", nil, b)
	elon.enters()
	elon.wantOrder(1, server)
	server.pulse.Close()
	until(t, "elon waits", func() bool { return b.Stats().Waiting == 1 })
	again := c.starts("only", b) // at another port
	elon.wantOrder(2, again)
}

func TestServerFailed(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	b := c.balancers(1)[0]
	elon := c.person("elon", nil, b)
	err := elon.ServerFailed(t.Context(), "one")
	wantCode(t, err, runtime.CodeFailedPrecondition)
	one := c.starts("one", b)
	elon.enters()
	elon.wantOrder(1, one)
	failed := func(name string) {
		t.Helper()
		if err := elon.ServerFailed(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	// It answers, and there is no other: the same again, after a moment.
	began := time.Now()
	failed("one")
	elon.wantOrder(2, one)
	if took := time.Since(began); took < firstAgain {
		t.Errorf("got the same server after %v, want %v at least", took, firstAgain)
	}
	two := c.starts("two", b)
	failed("one")
	elon.wantOrder(3, two)
	failed("one") // old news
	failed("nonsense")
	elon.wantNoOrder()
	for range 100 { // who asks too often waits
		failed("one")
		failed("two")
	}
	until(t, "elon waits", func() bool { return b.Stats().Waiting == 1 })
	if orders := b.Stats().Orders; orders > 2*freeMoves {
		t.Errorf("got %d orders, want few", orders)
	}
}

func TestStaysWhereItIs(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	one, two := c.starts("one", all[0]), c.starts("two", all[0])
	until(t, "both know both", func() bool { return all[1].Stats().Usable == 2 })
	elon := c.person("elon", nil, all[1])
	elon.setup.Server = "two"
	elon.enters()
	elon.wantNoOrder()
	two.dies()
	elon.wantOrder(1, one)
	tony := c.person("tony", nil, all[1])
	tony.setup.Server = "unknown"
	tony.enters()
	tony.wantOrder(1, one)
}

func TestDraining(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	b := c.balancers(1)[0]
	one := c.starts("one", b)
	elon := c.person("elon", nil, b)
	elon.enters()
	elon.wantOrder(1, one)
	one.draining.Store(true)
	until(t, "it is seen", func() bool { return b.Stats().Usable == 0 })
	tony := c.person("tony", nil, b)
	tony.enters()
	tony.wantNoOrder()
	elon.wantNoOrder()
	two := c.starts("two", b)
	elon.wantOrder(2, two)
	tony.wantOrder(1, two)
}

// A client that refuses an order gets it again; one that never answers holds up nobody, and gets newer ones.
func TestOrdersAreSentAgain(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.limits.Order = 300 * time.Millisecond
	b := c.balancers(1)[0]
	one := c.starts("one", b)
	tries := make(chan clientapi.ChatServer, 100)
	slow := c.person("slow", func(ctx context.Context, order clientapi.ChatServer) error {
		tries <- order
		<-ctx.Done()
		return context.Cause(ctx)
	}, b)
	slow.enters()
	for range 3 {
		if got := next(t, "another try", tries); got.Number != 1 || got.Name != "one" {
			t.Errorf("got %+v, want the first order again", got)
		}
	}
	var once sync.Once
	fails := c.person("fails", func(context.Context, clientapi.ChatServer) (err error) {
		once.Do(func() { err = errors.New("not now") })
		return err
	}, b)
	fails.enters()
	fails.wantOrder(1, one)
	c.starts("two", b)
	one.dies()
	fails.order()
	until(t, "the newer order came", func() bool { return next(t, "a try", tries).Number == 2 })
	if unheard := b.Stats().Unheard; unheard < 3 {
		t.Errorf("got %d orders that were not heard, want 3 at least", unheard)
	}
}

func TestComesInAnew(t *testing.T) {
	c := newCluster(t)
	all := c.balancers(2)
	elon := c.person("elon", nil, all[0])
	elon.enters()
	// The same process, by the same connection.
	second := *elon
	second.ended = make(chan error, 1)
	second.enters()
	wantCode(t, next(t, "the end of the first call", elon.ended), runtime.CodeAborted)
	if s := all[0].Stats(); s.Clients != 1 || s.Present != 1 {
		t.Errorf("got %d in here and %d in all, want 1 and 1", s.Clients, s.Present)
	}
	// Another process of hers is another client.
	phone := c.person("elon", nil, all[1])
	phone.enters()
	until(t, "both are known", func() bool { return all[0].Stats().Present == 2 })
	names, err := phone.GetUserList(t.Context())
	if fmt.Sprint(names) != "[elon]" || err != nil {
		t.Errorf("got %v, %v, want elon, once", names, err)
	}
}
