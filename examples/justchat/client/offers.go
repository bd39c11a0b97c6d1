package client

import (
	"bytes"
	"context"
	"iter"

	"github.com/parley-rpc/parley/examples/justchat/client/parcels"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// What others may ask of us about files, at each face:
//
//	                       TransferFile   TransferFilePrivate   GetFile
//	link, for its server   yes            yes, relayed          of public files, and of those that are being relayed
//	listener, for clients  no             yes                   no
//	dialed, for a client   no             no                    of private files for that one's user
//	balancer               no             no                    no

// TransferFile implements api.ClientMessageService, as do the others.
func (l *link) TransferFile(ctx context.Context, offer justchat.Offer) error {
	c := l.c
	if err := l.awaitWelcome(ctx); err != nil {
		return err
	}
	if bytes.Equal(offer.Client, c.Key.Client) {
		return nil // it is ours
	}
	if offer.To != "" {
		return runtime.NewError(runtime.CodeInvalidArgument, "the offer is not for all")
	}
	if err := c.authority.Load().CheckOffer(&offer); err != nil {
		c.drop("an offer", &justchat.Message{From: offer.From, Number: offer.Number}, err)
		return &api.BadSignature{From: offer.From, Reason: err.Error()}
	}
	return c.parcels.ReceivePublic(ctx, &offer)
}

func (l *link) TransferFilePrivate(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return l.c.receiveOffer(ctx, &offer, parcels.Carrier{
		Pull: func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
			return l.api.GetPrivateFile(ctx, offer.Client, offer.Number, offset)
		},
	})
}

func (l *link) GetFile(ctx context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
	return l.c.parcels.Pieces(ctx, number, offset, func(o *justchat.Offer) bool {
		return o.To == "" || l.c.isRelayed(number)
	})
}

// receiveOffer takes an offer to our user, if it is that, and by whom it says.
func (c *Client) receiveOffer(ctx context.Context, offer *justchat.Offer, carrier parcels.Carrier) iter.Seq2[justchat.Transfer, error] {
	authority := c.authority.Load()
	if authority == nil {
		return fails[justchat.Transfer](runtime.NewError(runtime.CodeUnavailable, "the client is not in the room yet"))
	}
	name := c.Name()
	if offer.To != name || bytes.Equal(offer.Client, c.Key.Client) {
		return fails[justchat.Transfer](&api.NotForMe{To: offer.To, User: name})
	}
	if err := authority.CheckOffer(offer); err != nil {
		c.drop("an offer", &justchat.Message{From: offer.From, Number: offer.Number}, err)
		return fails[justchat.Transfer](&api.BadSignature{From: offer.From, Reason: err.Error()})
	}
	return c.parcels.ReceivePrivate(ctx, offer, name, carrier)
}

func (l *listener) TransferFile(context.Context, justchat.Offer) error {
	return notYours("public offers", "the server")
}

func (l *listener) TransferFilePrivate(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	caller, ok := runtime.CallerFrom(ctx)
	if !l.bucket.Allow() || !ok {
		return fails[justchat.Transfer](runtime.NewError(runtime.CodeUnavailable, "too many offers; make it through the servers"))
	}
	from := api.NewClientMessageServiceClient(caller)
	return l.c.receiveOffer(ctx, &offer, parcels.Carrier{
		Direct: true,
		Pull: func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
			return from.GetFile(ctx, offer.Number, offset)
		},
	})
}

func (l *listener) GetFile(context.Context, uint64, uint64) iter.Seq2[[]byte, error] {
	return fails[[]byte](notYours("calls for files", "those that they are offered to, over the connection of the offer"))
}

func (b *balancer) TransferFile(context.Context, justchat.Offer) error {
	return notYours("public offers", "the server")
}

func (b *balancer) TransferFilePrivate(context.Context, justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return fails[justchat.Transfer](notYours("private offers", "the server, and other clients"))
}

func (b *balancer) GetFile(context.Context, uint64, uint64) iter.Seq2[[]byte, error] {
	return fails[[]byte](notYours("calls for files", "the server, and other clients"))
}

// A host is the face that the client shows to another one that it has dialled: only the files that are
// offered to its user are to be had.
type host struct {
	c    *Client
	user string
}

func (h *host) GetFile(ctx context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
	return h.c.parcels.Pieces(ctx, number, offset, func(o *justchat.Offer) bool { return o.To == h.user })
}

func (h *host) TransferFile(context.Context, justchat.Offer) error {
	return notYours("public offers", "the server")
}

func (h *host) TransferFilePrivate(context.Context, justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return fails[justchat.Transfer](notYours("private offers", "who dials us"))
}

func (h *host) ReceiveMessage(context.Context, []api.Delivery, uint64) error {
	return notYours("messages", "the server")
}

func (h *host) ReceivePrivateMessage(context.Context, justchat.Message) error {
	return notYours("private messages", "who dials us")
}

func (h *host) UpdateRPCChatServer(context.Context, api.ChatServer) error {
	return notYours("orders", "the load balancer")
}

// fails yields an error and nothing else.
func fails[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}
