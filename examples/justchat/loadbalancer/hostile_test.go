package loadbalancer

import (
	"context"
	"testing"
	"time"

	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
)

// A hundred clients that never answer an order hold up nobody: those who do get theirs at once.
func TestClientsThatNeverAnswer(t *testing.T) {
	c := newCluster(t)
	c.limits.Order = time.Minute
	b := c.balancers(1)[0]
	one := c.starts("one", b)
	got := make(chan struct{}, 1000)
	enterAll(c, 100, b, func(ctx context.Context, _ clientapi.ChatServer) error {
		got <- struct{}{}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	good := c.person("elon", nil, b)
	good.enters()
	good.wantOrder(1, one)
	for range 100 {
		next(t, "an order to one that does not answer", got)
	}
	two := c.starts("two", b)
	began := time.Now()
	one.dies()
	good.wantOrder(2, two)
	for range 100 { // they get the newer one, though they have not answered the first
		next(t, "a newer order to one that does not answer", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("got all orders after %v", took)
	}
}
