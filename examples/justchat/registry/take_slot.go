package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// leaseSlack is how much later than its life a registry may end a lease.
const leaseSlack = 2 * time.Second

// SlotsTaken says that there are as many load balancers as there may be.
type SlotsTaken struct{ Addresses []string }

func (e *SlotsTaken) Error() string {
	return fmt.Sprintf("there are %d load balancers already, as many as may be: %s; stop one, or raise -max-loadbalancers on all (0 is any number)",
		len(e.Addresses), strings.Join(e.Addresses, ", "))
}

// errClosed is why nobody waits any more.
var errClosed = errors.New("the directory is closed")

// slot is the announcement of a load balancer, and where it stands.
type slot struct {
	*announcement
	max int
	key string // empty for nowhere
}

// TakeSlot announces a load balancer, under a lease of that life, until release
// is called. max is how many there may be, 0 for any number. An address that comes
// back takes its own slot over at once. While all slots are others', TakeSlot waits
// for as long as a dead one could have its lease, life and 2 seconds, then fails
// with a *SlotsTaken.
//
// While there is no quorum it waits until ctx ends; the load balancer can be of use
// meanwhile. A slot that is lost, since there is no quorum for longer than life, is
// taken again later. Release gives the slot back, and waits for that, 3 seconds at most.
func (d *Directory) TakeSlot(ctx context.Context, address string, max int, life time.Duration) (release func(), err error) {
	keeping, stop := context.WithCancel(d.living)
	s := &slot{newAnnouncement([]byte(address), stop), max, ""}
	lease, err := d.firstSlot(ctx, s, life)
	if err != nil {
		stop()
		return nil, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if keeping.Err() != nil {
		stop()
		lease.Abandon()
		return nil, errClosed
	}
	ended := make(chan struct{})
	d.running.Go(func() {
		defer close(ended)
		defer stop()
		last := d.keep(keeping, s.announcement, life, lease, func(ctx context.Context, lease Lease) error {
			return d.claimSlot(ctx, s, lease)
		})
		d.leaveSlot(s, last)
	})
	return func() { stop(); <-ended }, nil
}

// firstSlot returns the lease under which it has taken a slot.
func (d *Directory) firstSlot(ctx context.Context, s *slot, life time.Duration) (Lease, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(d.living, func() { cancel(errClosed) })()
	var pause backoff
	var full time.Time // since when all slots have been others'
	for {
		begun := time.Now()
		lease, err := d.trySlot(ctx, s, life)
		var taken *SlotsTaken
		switch {
		case err == nil:
			return lease, nil
		case errors.As(err, &taken) && full.IsZero():
			full = begun
		case errors.As(err, &taken) && time.Since(full) > life+leaseSlack:
			return nil, err
		case errors.As(err, &taken):
		case errors.Is(err, ErrNoQuorum), errors.Is(err, ErrLeaseEnded):
			full = time.Time{} // nobody's lease ends without quorum
		default:
			return nil, err
		}
		if !pause.wait(ctx, begun) {
			return nil, context.Cause(ctx)
		}
	}
}

func (d *Directory) trySlot(ctx context.Context, s *slot, life time.Duration) (Lease, error) {
	if _, _, err := d.findSlot(ctx, s); err != nil {
		return nil, err
	}
	lease, err := d.registry.Grant(ctx, life)
	if d.answered(err) != nil {
		return nil, err
	}
	if err := d.claimSlot(ctx, s, lease); err != nil {
		lease.Abandon()
		return nil, err
	}
	return lease, nil
}

// claimSlot puts the load balancer's entry into a slot.
func (d *Directory) claimSlot(ctx context.Context, s *slot, lease Lease) error {
	for {
		key, there, err := d.findSlot(ctx, s)
		if err != nil {
			return err
		}
		d.mutex.Lock()
		delete(d.own, s.key)
		s.key = key
		d.own[key] = s.announcement
		d.mutex.Unlock()
		err = d.put(ctx, s.announcement, key, there, lease)
		if !errors.Is(err, ErrExists) && !errors.Is(err, ErrChanged) {
			return err
		}
	}
}

// findSlot returns the key of the slot that has the address, and what is there, or of one that is free.
func (d *Directory) findSlot(ctx context.Context, s *slot) (key string, there *Entry, err error) {
	entries, _, err := d.registry.List(ctx, balancersPrefix)
	if d.answered(err) != nil {
		return "", nil, err
	}
	taken := make(map[string]bool, len(entries))
	others := &SlotsTaken{}
	for _, entry := range entries {
		if string(entry.Value) == string(s.value) {
			return entry.Key, &entry, nil
		}
		taken[entry.Key] = true
		others.Addresses = append(others.Addresses, string(entry.Value))
	}
	if s.max > 0 && len(taken) >= s.max {
		return "", nil, others
	}
	for number := 1; ; number++ {
		if key := balancersPrefix + strconv.Itoa(number); !taken[key] {
			return key, nil, nil
		}
	}
}

// leaveSlot gives the slot back, unless the Directory was closed. The lease may be nil.
func (d *Directory) leaveSlot(s *slot, lease Lease) {
	d.mutex.Lock()
	delete(d.own, s.key)
	d.mutex.Unlock()
	switch {
	case lease == nil:
	case d.living.Err() != nil:
		lease.Abandon()
	default:
		if err := lease.Close(); err != nil {
			d.logger.Info("the slot is free when its lease has run out", "reason", err)
		}
	}
}
