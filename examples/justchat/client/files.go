package client

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/parley-rpc/parley/examples/justchat/client/parcels"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
)

// An Offer is a file that somebody would give us, and that waits for the person's answer.
type Offer parcels.Offer

// Offered says that a file is offered.
type Offered struct{ Offer }

// OfferEnded says that an offer needs no answer any more: it was answered, withdrawn, or too old.
type OfferEnded struct {
	Offer
	Reason string // in a few words, for the person; empty if she answered it
}

// A Transfer is a file on its way, from us or to us, and how far it is. As an event it comes when its State changes, and
// while it is Moving a few times a second. A state that does not last may be passed over.
type Transfer parcels.Transfer

// A TransferState is how a transfer is.
//
//	Hashing ─► Asking ─► Moving ◄─► Waiting        of what is sent; what is received begins with Waiting
//	    └─────────┴────────┴───────────┴─► Finished, Declined, Cancelled, Broken
type TransferState = parcels.State

// The states.
const (
	Hashing   = parcels.Hashing   // the file is read for the first time, for its SHA-256
	Asking    = parcels.Asking    // the other user is asked
	Moving    = parcels.Moving    // bytes travel
	Waiting   = parcels.Waiting   // for a server, for the other user, or for one of Limits.Transfers to end
	Finished  = parcels.Finished  // the file is there, whole and checked
	Declined  = parcels.Declined  // the other user does not want it
	Cancelled = parcels.Cancelled // by either side
	Broken    = parcels.Broken    // Err says why
)

func (*Offered) event()    {}
func (*OfferEnded) event() {}
func (*Transfer) event()   {}

// newParcels returns the client's transfers.
func newParcels(c *Client) *parcels.Set {
	return parcels.New(parcels.Config{
		Network:   carrying{c},
		Downloads: c.Downloads,
		Limits: parcels.Limits{
			Offers: c.Limits.Offers, Transfers: c.Limits.Transfers, Sharing: c.Limits.Sharing,
			OfferTime: c.Limits.OfferTime, Unreached: c.Limits.Unreached,
		},
		Logger: c.Logger,
		Tell:   c.sayLater,
	})
}

// sayLater queues an event that is made when its turn has come, or nothing. Told is called after it.
func (c *Client) sayLater(take func() parcels.News, told func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.push(pumped{take: take, told: told})
}

// eventOf returns news as an event.
func eventOf(news parcels.News) Event {
	switch n := news.(type) {
	case *parcels.Offered:
		return &Offered{Offer(n.Offer)}
	case *parcels.OfferEnded:
		return &OfferEnded{Offer(n.Offer), n.Reason}
	case *parcels.Transfer:
		return (*Transfer)(n)
	}
	return nil
}

// Share offers a file to all. It returns once the file was found to be one; Transfer events tell the rest. It fails
// for a folder, for what is no regular file, for a name that nobody would take, and while Limits.Sharing of ours are not
// done.
func (c *Client) Share(ctx context.Context, path string) (id uint64, err error) {
	return c.parcels.Send("", path)
}

// SharePrivate is Share to one user alone.
func (c *Client) SharePrivate(ctx context.Context, to, path string) (id uint64, err error) {
	switch names.Skeleton(to) {
	case names.Skeleton(""):
		return 0, errors.New("a private file has a receiver")
	case names.Skeleton(c.Name()):
		return 0, errors.New("that is you, and you have the file already")
	}
	return c.parcels.Send(to, path)
}

// Get takes the public file of that name into Config.Downloads. It returns once the room knows it.
func (c *Client) Get(ctx context.Context, name string) (id uint64, err error) {
	info, owner, err := c.lookUp(ctx, name)
	if err != nil {
		return 0, err
	}
	return c.parcels.Get(info, owner)
}

// lookUp returns what a public file's name stands for: as a load balancer says, or, if none can be asked, an offer.
func (c *Client) lookUp(ctx context.Context, name string) (info transfer.Info, owner string, err error) {
	if name, err = names.CheckFile(name); err != nil {
		return info, "", fmt.Errorf("no file has that name: %w", err)
	}
	files, err := c.Files(ctx)
	for _, f := range files {
		if f.Name != name {
			continue
		}
		if len(f.SHA256) != len(info.Sum) || f.Size > math.MaxInt64 {
			return info, "", fmt.Errorf("what the room knows of %s makes no sense", name)
		}
		return transfer.Info{Name: name, Size: int64(f.Size), Sum: transfer.Sum(f.SHA256)}, f.Owner, nil
	}
	if err != nil {
		if info, owner, found := c.parcels.Find(name); found {
			return info, owner, nil
		}
		return info, "", err
	}
	return info, "", fmt.Errorf("there is no file called %s; #available files lists those that there are", name)
}

// Remove has a public file of ours be one no more.
func (c *Client) Remove(ctx context.Context, name string) error {
	b, err := c.loadBalancer()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return b.RemoveFile(ctx, name)
}

// Accept takes the file of an offer into Config.Downloads. An id of 0 is the oldest offer.
func (c *Client) Accept(id uint64) error { return c.parcels.Accept(id) }

// Decline does not take the file of an offer. An id of 0 is the oldest offer.
func (c *Client) Decline(id uint64) error { return c.parcels.Decline(id) }

// Cancel ends a transfer, and tells the other side. An id of 0 is the only one that has not ended.
func (c *Client) Cancel(id uint64) error { return c.parcels.Cancel(id) }

// Offers returns the offers that wait for an answer, the oldest first.
func (c *Client) Offers() (all []Offer) {
	for _, o := range c.parcels.Offers() {
		all = append(all, Offer(o))
	}
	return all
}

// Transfers returns the transfers that have not ended, and the last few that have, the oldest first.
func (c *Client) Transfers() []Transfer { return transfers(c.parcels.Transfers()) }

// Settle waits until no transfer is under way, and those that offer files to us have been sent the answers that there
// are; or until ctx ends. It returns the transfers that are under way then.
func (c *Client) Settle(ctx context.Context) []Transfer { return transfers(c.parcels.Settle(ctx)) }

func transfers(list []parcels.Transfer) (all []Transfer) {
	for _, t := range list {
		all = append(all, Transfer(t))
	}
	return all
}
