package registry

import (
	"context"
	"errors"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// AddServer announces a server, under a lease of that life which is kept until
// release is called. Then the server is known for one life more, since it may be on
// its way to another load balancer, which takes it over by announcing it. An entry
// that another load balancer has announced is taken over likewise, unless it is of
// a later start. Who adds a server again replaces it.
//
// While there is no quorum the server is known here alone, and is announced when
// there is one again. AddServer and release do not wait.
func (d *Directory) AddServer(node justchat.ServerNode, life time.Duration) (release func()) {
	key := serversPrefix + node.Name
	d.mutex.Lock()
	defer d.mutex.Unlock()
	there, added := d.here[key]
	if d.living.Err() != nil || added && there.Start > node.Start {
		return func() {}
	}
	if added {
		d.own[key].stop()
	}
	ctx, cancel := context.WithCancel(d.living)
	a := newAnnouncement(encode(node), cancel)
	d.own[key], d.here[key] = a, node
	d.seeServer(key)
	d.running.Go(func() {
		defer cancel()
		lease := d.keep(ctx, a, life, nil, func(ctx context.Context, lease Lease) error {
			return d.claimServer(ctx, a, key, node, lease)
		})
		if lease != nil {
			lease.Abandon()
		}
		d.forgetServer(key, a, life)
	})
	return cancel
}

// claimServer puts a server's entry where it has to stand.
func (d *Directory) claimServer(ctx context.Context, a *announcement, key string, node justchat.ServerNode, lease Lease) error {
	for {
		entry, err := d.registry.Get(ctx, key)
		there := &entry
		switch {
		case errors.Is(err, ErrNotFound):
			there = nil
		case d.answered(err) != nil:
			return err
		default:
			if other, err := d.servers.read(entry.Value); err == nil && other.Start > node.Start {
				return nil
			}
		}
		err = d.put(ctx, a, key, there, lease)
		if !errors.Is(err, ErrExists) && !errors.Is(err, ErrChanged) {
			return err
		}
	}
}

// forgetServer forgets a server that is not kept here any more, after a life.
func (d *Directory) forgetServer(key string, a *announcement, life time.Duration) {
	if !sleep(d.living, life) {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.own[key] == a {
		delete(d.own, key)
		delete(d.here, key)
		d.seeServer(key)
	}
}
