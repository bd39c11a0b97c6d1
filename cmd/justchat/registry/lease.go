package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/parley-rpc/parley/examples/justchat/registry"
)

// lease is a lease in an etcd. The client keeps it alive, three times in its
// life, until keeping ends.
type lease struct {
	etcd    *Etcd
	id      clientv3.LeaseID
	abandon context.CancelFunc
	done    chan struct{}
}

// Grant is as registry.Registry has it. Life is rounded up to seconds; etcd's
// least is one and a half times the time in which it elects a leader, 2 seconds usually.
func (e *Etcd) Grant(ctx context.Context, life time.Duration) (registry.Lease, error) {
	calling, cancel := e.bound(ctx)
	defer cancel()
	seconds := int64(math.Ceil(life.Seconds()))
	granted, err := e.client.Grant(calling, max(seconds, 1))
	if err != nil {
		return nil, fault(ctx, err)
	}
	// A lease outlives the member's leader, so it does not require one.
	keeping, abandon := context.WithCancel(context.Background())
	alive, err := e.client.KeepAlive(keeping, granted.ID)
	if err != nil {
		abandon()
		return nil, fault(ctx, err)
	}
	l := &lease{e, granted.ID, abandon, make(chan struct{})}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.closed {
		abandon()
		return nil, fault(ctx, errClosed)
	}
	e.leases.Go(func() {
		defer close(l.done)
		defer abandon()
		for range alive { // ends when the client is closed, or has had no answer for the lease's life, too
		}
	})
	return l, nil
}

func (l *lease) Done() <-chan struct{} { return l.done }

func (l *lease) Abandon() { l.abandon() }

func (l *lease) Close() error {
	l.Abandon()
	ctx := context.Background() // the entries are to go, whoever waits for it
	calling, cancel := l.etcd.bound(ctx)
	defer cancel()
	if _, err := l.etcd.client.Revoke(calling, l.id); err != nil {
		if err := fault(ctx, err); !errors.Is(err, registry.ErrLeaseEnded) {
			return fmt.Errorf("the lease runs out by itself: %w", err)
		}
	}
	return nil
}

// idOf returns etcd's name for a lease, if it is alive as far as this client knows.
func (e *Etcd) idOf(of registry.Lease) (clientv3.LeaseID, error) {
	l, ours := of.(*lease)
	if !ours || l.etcd != e {
		return 0, errors.New("the lease is of another registry: grant one here")
	}
	select {
	case <-l.done:
		return 0, registry.ErrLeaseEnded
	default:
		return l.id, nil
	}
}
