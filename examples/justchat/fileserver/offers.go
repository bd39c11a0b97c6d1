package fileserver

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

const (
	maxOffers    = 100             // that are remembered
	announceTry  = 2 * time.Second // for another server to take an offer, which its sharer waits for
	announceRest = time.Second     // before that is tried again
	announceTime = time.Minute     // after which it is not any more
)

// offers are those of public files of late, in the order in which they came, which is the order in which clients are
// asked. A client has a position in them.
type offers struct {
	end atomic.Uint64 // the position after the last

	mu    sync.Mutex
	first uint64 // the position of list[0]
	list  []recent
}

// A recent is an offer, and when it came.
type recent struct {
	offer *justchat.Offer
	at    time.Time
}

// add adds an offer, unless it is there. It reports whether it is new.
func (o *offers) add(offer *justchat.Offer, age time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	o.trim(now, age)
	if slices.ContainsFunc(o.list, func(r recent) bool { return keyOf(r.offer) == keyOf(offer) }) {
		return false
	}
	o.list = append(o.list, recent{offer, now})
	o.end.Add(1)
	o.trim(now, age)
	return true
}

// trim forgets what is too old or too much.
func (o *offers) trim(now time.Time, age time.Duration) {
	n := max(0, len(o.list)-maxOffers)
	for n < len(o.list) && now.Sub(o.list[n].at) >= age {
		n++
	}
	o.list = slices.Delete(o.list, 0, n)
	o.first += uint64(n)
}

// begin returns the position of a client that comes: before all offers if it has moved here, else after them.
func (o *offers) begin(moved bool, age time.Duration) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.trim(time.Now(), age)
	if moved {
		return o.first
	}
	return o.end.Load()
}

// next returns the offer at a position, or the one that comes next, and the position after it; nil if there is none.
func (o *offers) next(position uint64) (*justchat.Offer, uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	position = max(position, o.first)
	if position >= o.end.Load() {
		return nil, position
	}
	return o.list[position-o.first].offer, position + 1
}

// announce has everyone asked whether they want a file. The other servers that cannot be told at once are told for
// a while.
func (f *Files) announce(ctx context.Context, offer *justchat.Offer) {
	f.show(offer)
	peers := f.Host.Peers()
	tried := make(chan struct{}, len(peers))
	for _, peer := range peers {
		f.work.Go(func() { // Close waits
			first := sync.OnceFunc(func() { tried <- struct{}{} })
			defer first()
			f.tell(peer.Name, offer, first)
		})
	}
	for range peers {
		select {
		case <-tried:
		case <-ctx.Done():
		}
	}
}

// tell tells another server of an offer, until it has it. First is called after the first try.
func (f *Files) tell(name string, offer *justchat.Offer, first func()) {
	ctx, cancel := context.WithTimeout(f.ctx, announceTime)
	defer cancel()
	for ctx.Err() == nil {
		peer := f.Host.Peer(name) // it may have been started anew
		if peer == nil {
			return
		}
		call, cancel := context.WithTimeout(ctx, announceTry)
		err := peer.Calls.SendPublicFile(call, *offer)
		cancel()
		if err == nil {
			return
		}
		f.Logger.Debug("an offer is not passed on", "file", offer.Name, "server", name, "reason", err)
		first()
		pause(ctx, announceRest)
	}
}

// show has the clients of this server asked.
func (f *Files) show(offer *justchat.Offer) {
	if f.offers.add(offer, f.Limits.OfferAge) {
		f.Host.Wake()
	}
}

// Announced is api.NodeService's SendPublicFile.
func (f *Files) Announced(offer justchat.Offer) error {
	if err := f.checkForeign(&offer, f.checkPublic); err != nil {
		return runtime.Errorf(runtime.CodeInvalidArgument, "%v", err)
	}
	f.bound(transfer.Sum(offer.SHA256))
	f.show(&offer)
	return nil
}

// Join says that a client has come, which has moved here or is fresh. It is called before Bring.
func (f *Files) Join(c *Client, moved bool) {
	c.position.Store(f.offers.begin(moved, f.Limits.OfferAge))
}

// Bring begins to bring a client the offers that it lacks, if there are some, beside the messages. It is called by one goroutine, when
// the Host is told to wake and when woken is called, which means that there may be more. Part ends it.
func (f *Files) Bring(ctx context.Context, c *Client, woken func()) {
	if c.position.Load() >= f.offers.end.Load() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.brought {
		return
	}
	c.brought = true
	c.bringing.Go(func() { // Part waits
		err := f.bring(ctx, c)
		c.mu.Lock()
		c.brought = false
		c.mu.Unlock()
		if err != nil {
			c.End(err)
		}
		woken() // for what came when bring had looked
	})
}

// Part waits until nothing more is brought to a client, once the context that Bring got has ended.
func (c *Client) Part() { c.bringing.Wait() }

// bring asks a client about the files of all offers that it lacks, in their order. The error says that it does not answer.
func (f *Files) bring(ctx context.Context, c *Client) error {
	for ctx.Err() == nil {
		offer, next := f.offers.next(c.position.Load())
		c.position.Store(next)
		if offer == nil {
			return nil
		}
		if bytes.Equal(offer.Client, c.ID) {
			continue
		}
		call, cancel := context.WithTimeout(ctx, f.Limits.Receive)
		err := c.Calls.TransferFile(call, *offer)
		cancel()
		if err != nil && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return runtime.Errorf(runtime.CodeAborted, "the client does not take offers; connect again")
		}
	}
	return nil
}
