package fileserver

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// A relay is the offer of a private file that passes through this server, for as long as the call that carries it is under way. The
// bytes go back the way on which it came.
type relay struct {
	to   *Client // who may ask for the bytes, if it is a client of this server,
	via  string  // or the server that may
	back source
	end  context.CancelCauseFunc
}

// relays are those that are under way.
type relays struct {
	mu   sync.Mutex
	to   map[key]*relay
	open map[string]int // how many go to another server
}

// errAnew is why a relay ends in whose place another one has come.
var errAnew = runtime.NewError(runtime.CodeAborted, "the offer is made anew")

// put lets the bytes of an offer be asked for, by another way than before if it is there.
func (r *relays) put(k key, one *relay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.to[k]; old != nil {
		old.end(errAnew)
	}
	r.to[k] = one
}

// remove ends what put began.
func (r *relays) remove(k key, one *relay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to[k] == one {
		delete(r.to, k)
	}
}

// get returns the way back of an offer, for a client or a server that may ask for it, or nil.
func (r *relays) get(k key, to *Client, via string) source {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.to[k]
	if one == nil || one.to != to || one.via != via {
		return nil
	}
	return one.back
}

// begin counts a relay to another server, unless there are too many; end is the end of it.
func (r *relays) begin(server string, most int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[server] >= most {
		return &justchat.TooFast{What: "private files at once between two servers", Wait: tooManyWait}
	}
	r.open[server]++
	return nil
}

func (r *relays) end(server string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[server]--; r.open[server] == 0 {
		delete(r.open, server)
	}
}

// RelayFile is api.MessageService's: it passes on the offer of a private file, from a client of this server.
func (f *Files) RelayFile(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return f.offering(ctx, func(ctx context.Context, yield func(justchat.Transfer, error) bool) error {
		c, end, err := f.admit(ctx, &offer, f.checkPrivate)
		if err != nil {
			return err
		}
		defer end()
		back := func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
			return c.Calls.GetFile(ctx, offer.Number, offset)
		}
		if clients := f.Host.ClientsOf(offer.To); len(clients) > 0 {
			f.stats.relayed.Add(1)
			return f.hand(ctx, clients[0], &offer, back, yield)
		}
		where, err := f.Host.Where(ctx, offer.To)
		if err != nil {
			return err
		}
		peer := f.Host.Peer(where.Server)
		if peer == nil {
			return &justchat.NotHere{User: offer.To}
		}
		f.stats.relayed.Add(1)
		return f.forward(ctx, peer, &offer, back, yield)
	})
}

// Relayed is api.NodeService's RelayFile: it passes on the offer of a private file that another server relays.
func (f *Files) Relayed(ctx context.Context, caller string, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return f.offering(ctx, func(ctx context.Context, yield func(justchat.Transfer, error) bool) error {
		if err := f.checkForeign(&offer, f.checkPrivate); err != nil {
			return err
		}
		clients := f.Host.ClientsOf(offer.To)
		if len(clients) == 0 {
			return &justchat.NotHere{User: offer.To}
		}
		peer := f.Host.Peer(caller)
		if peer == nil {
			return runtime.Errorf(runtime.CodeUnavailable, "server %s is not known to %s yet", caller, f.Name)
		}
		back := func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
			return peer.Calls.GetPrivateFile(ctx, offer.Client, offer.Number, offset)
		}
		return f.hand(ctx, clients[0], &offer, back, yield)
	})
}

// offering returns the stream of how far an offer is that pass yields.
func (f *Files) offering(ctx context.Context, pass func(context.Context, func(justchat.Transfer, error) bool) error) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		ctx, leave, err := f.enter(ctx)
		if err == nil {
			defer leave()
			err = pass(ctx, yield)
		}
		if err != nil {
			yield(justchat.Transfer{}, err)
		}
	}
}

// hand makes an offer to a client of this server.
func (f *Files) hand(ctx context.Context, to *Client, offer *justchat.Offer, back source, yield func(justchat.Transfer, error) bool) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	one := &relay{to: to, back: back, end: end}
	f.relays.put(keyOf(offer), one)
	defer f.relays.remove(keyOf(offer), one)
	return ended(ctx, answer(offer, passOn(to.Calls.TransferFilePrivate(ctx, *offer), yield)))
}

// forward makes an offer to a client of another server.
func (f *Files) forward(ctx context.Context, peer *Peer, offer *justchat.Offer, back source, yield func(justchat.Transfer, error) bool) error {
	if err := f.relays.begin(peer.Name, f.Limits.Relays); err != nil {
		return err
	}
	defer f.relays.end(peer.Name)
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	one := &relay{via: peer.Name, back: back, end: end}
	f.relays.put(keyOf(offer), one)
	defer f.relays.remove(keyOf(offer), one)
	return ended(ctx, passOn(peer.Calls.RelayFile(ctx, *offer), yield))
}

// passOn yields the items of a stream, and returns the error that ends it.
func passOn[T any](items iter.Seq2[T, error], yield func(T, error) bool) error {
	for item, err := range items {
		if err != nil {
			return err
		}
		if !yield(item, nil) {
			return nil
		}
	}
	return nil
}

// ended returns why an offer ended: errAnew, if another call carries it now.
func ended(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errAnew) {
		return errAnew
	}
	return err
}

// answer returns what the sender is told of a client's error.
func answer(offer *justchat.Offer, err error) error {
	var other *clientapi.NotForMe
	var bad *clientapi.BadSignature
	switch {
	case errors.As(err, &other):
		return &justchat.NotHere{User: offer.To}
	case errors.As(err, &bad):
		return &justchat.RefusedFile{Name: offer.Name, Reason: bad.Error()}
	}
	return err
}

// GetPrivateFile is api.MessageService's: the bytes of a file whose offer this server has brought to the client that asks.
func (f *Files) GetPrivateFile(ctx context.Context, client []byte, number, offset uint64) iter.Seq2[[]byte, error] {
	return f.forClient(ctx, func(ctx context.Context, c *Client, yield func([]byte, error) bool) error {
		return f.fetchBack(ctx, f.relays.get(key{string(client), number}, c, ""), offset, yield)
	})
}

// Forwarded is api.NodeService's GetPrivateFile: the bytes of a file whose offer this server has made the caller relay.
func (f *Files) Forwarded(ctx context.Context, caller string, client []byte, number, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ctx, leave, err := f.enter(ctx)
		if err == nil {
			defer leave()
			err = f.fetchBack(ctx, f.relays.get(key{string(client), number}, nil, caller), offset, yield)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// fetchBack yields bytes from where an offer came.
func (f *Files) fetchBack(ctx context.Context, back source, offset uint64, yield func([]byte, error) bool) error {
	if back == nil { // for good or for a while; only who offers the file can say that it is withdrawn
		return runtime.Errorf(runtime.CodeUnavailable, "the file is not offered over server %s at the moment", f.Name)
	}
	for piece, err := range f.bytes(ctx, back, offset) {
		if err != nil {
			return err
		}
		f.stats.relayedBytes.Add(uint64(len(piece)))
		if !yield(piece, nil) {
			return nil
		}
	}
	return nil
}
