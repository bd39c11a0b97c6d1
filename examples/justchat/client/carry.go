package client

import (
	"context"
	"errors"
	"iter"

	"github.com/parley-rpc/parley/examples/justchat/client/parcels"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// carrying is the client as the network of its files.
type carrying struct{ c *Client }

var _ parcels.Network = carrying{}

// waitLink waits for a server, and returns it with a context that ends with ctx, and with the link.
func (c *Client) waitLink(ctx context.Context) (at *link, both context.Context, cancel context.CancelFunc, err error) {
	c.await(ctx, func() bool { at = c.current; return at != nil })
	if at == nil {
		return nil, nil, nil, ErrNoServer
	}
	both, stop := context.WithCancelCause(ctx)
	undo := context.AfterFunc(at.ctx, func() { stop(context.Cause(at.ctx)) })
	return at, both, func() { undo(); stop(nil) }, nil
}

// Sign makes an offer one of ours. It asks for the receiver's name as it was signed up.
func (n carrying) Sign(ctx context.Context, offer *justchat.Offer) error {
	c := n.c
	at, ctx, cancel, err := c.waitLink(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	if offer.To != "" {
		item, err := c.whereIs(ctx, at, offer.To)
		if err != nil {
			return err
		}
		if item.User != "" {
			offer.To = item.User
		}
	}
	c.mu.Lock()
	offer.From, offer.Token = c.name, c.token
	c.mu.Unlock()
	if offer.From == "" || offer.Token == nil {
		return ErrNoLoadBalancer
	}
	c.Key.SignOffer(c.authority.Load(), offer)
	return nil
}

// Share has the server share a public file.
func (n carrying) Share(ctx context.Context, offer *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return through(n.c, ctx, func(ctx context.Context, at *link) iter.Seq2[justchat.Transfer, error] {
		return at.api.SendPublicFile(ctx, *offer)
	})
}

// Fetch gets a public file from the server.
func (n carrying) Fetch(ctx context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error] {
	return through(n.c, ctx, func(ctx context.Context, at *link) iter.Seq2[[]byte, error] {
		return at.api.GetFile(ctx, sum, offset)
	})
}

// through makes a call at the server once there is one. It ends with the link.
func through[T any](c *Client, ctx context.Context, call func(context.Context, *link) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		at, ctx, cancel, err := c.waitLink(ctx)
		if err != nil {
			yield(zero, err)
			return
		}
		defer cancel()
		for item, err := range call(ctx, at) {
			if !yield(item, c.notRelayed(at, err)) {
				return
			}
		}
	}
}

// Offer offers a private file to its receiver: directly where that one can be dialled, else through the servers.
func (n carrying) Offer(ctx context.Context, offer *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		c := n.c
		if c.Direct {
			item, err := c.lookFor(ctx, offer.To)
			if err != nil {
				yield(justchat.Transfer{}, err)
				return
			}
			if item.Address != "" && item.User == offer.To && c.offerDirect(ctx, &item, offer, yield) {
				return
			}
		}
		c.setRelayed(offer.Number, true)
		defer c.setRelayed(offer.Number, false)
		through(c, ctx, func(ctx context.Context, at *link) iter.Seq2[justchat.Transfer, error] {
			return at.api.RelayFile(ctx, *offer)
		})(yield)
	}
}

// lookFor waits for a server and asks it where a user is.
func (c *Client) lookFor(ctx context.Context, user string) (justchat.ClientItem, error) {
	at, ctx, cancel, err := c.waitLink(ctx)
	if err != nil {
		return justchat.ClientItem{}, err
	}
	defer cancel()
	return c.whereIs(ctx, at, user)
}

// offerDirect offers a file over a connection of our own. It returns false if that did not reach its receiver, and servers
// may.
func (c *Client) offerDirect(ctx context.Context, item *justchat.ClientItem, offer *justchat.Offer, yield func(justchat.Transfer, error) bool) bool {
	rpc, err := c.dial(item, 1)
	if err != nil {
		return false
	}
	defer c.release(rpc)
	dialing, cancel := context.WithTimeout(ctx, c.Limits.Dial)
	err = rpc.Connect(dialing)
	cancel()
	if err != nil && ctx.Err() == nil {
		c.giveUp(item, rpc)
		return false
	}
	reached := false
	for progress, err := range api.NewClientMessageServiceClient(rpc).TransferFilePrivate(ctx, *offer) {
		if err != nil && !reached && ctx.Err() == nil && !isAnswer(err) {
			return false
		}
		reached = true
		if !yield(progress, err) {
			return true
		}
	}
	return true
}

// isAnswer reports whether an error is what the receiver herself has to say.
func isAnswer(err error) bool {
	var (
		declined *justchat.Declined
		refused  *justchat.RefusedFile
		forged   *api.BadSignature
	)
	return errors.As(err, &declined) || errors.As(err, &refused) || errors.As(err, &forged)
}

// setRelayed notes whether servers relay an offer of ours, and so may ask for its bytes.
func (c *Client) setRelayed(number uint64, is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if is {
		c.relayed[number] = true
	} else {
		delete(c.relayed, number)
	}
}

func (c *Client) isRelayed(number uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.relayed[number]
}

// whereIs asks where a user is. If the server cannot find out it may still be able to relay, so that is no error, and
// the item is empty.
func (c *Client) whereIs(ctx context.Context, at *link, user string) (justchat.ClientItem, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Limits.Call)
	defer cancel()
	item, err := at.api.SendPrivate(ctx, user)
	var (
		away     *justchat.NotHere
		stranger *serverapi.NotConnected
		failure  *runtime.Error
	)
	switch {
	case err == nil && names.Skeleton(item.User) != names.Skeleton(user):
		return justchat.ClientItem{}, nil // that is somebody else
	case errors.As(err, &away), errors.As(err, &stranger):
	case errors.As(err, &failure) && failure.Remote():
		return justchat.ClientItem{}, nil
	}
	return item, c.notRelayed(at, err)
}
