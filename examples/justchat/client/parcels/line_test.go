package parcels

import (
	"context"
	"iter"
	"sync"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// errBroken is what calls on a line end with that breaks.
var errBroken = runtime.NewError(runtime.CodeUnavailable, "the line broke")

// A line is a connection from one user to another. Calls on it end when it breaks.
type line struct {
	from, to *user
	direct   bool
	ctx      context.Context
	cut      context.CancelFunc

	mu      sync.Mutex
	limit   int // bytes that pass before it breaks; 0 is no limit
	passed  int
	offsets []uint64 // of the pulls
	distort func(offset uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error]
}

// connect connects a user to another: her offers go over the line from now on.
func connect(from, to *user) *line {
	l := &line{from: from, to: to}
	l.ctx, l.cut = context.WithCancel(from.t.Context())
	from.offers(l.offer)
	return l
}

// offers has a user's offers go another way from now on.
func (u *user) offers(how func(context.Context, *justchat.Offer) iter.Seq2[justchat.Transfer, error]) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.offer = how
}

func (l *line) offer(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		called, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // as what travels: only its end is told
		defer cancel(nil)
		defer context.AfterFunc(ctx, func() { cancel(runtime.NewError(runtime.CodeCanceled, "canceled")) })()
		defer context.AfterFunc(l.ctx, func() { cancel(errBroken) })()
		carrier := Carrier{Pull: func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] { return l.pull(ctx, o, offset) }, Direct: l.direct}
		for item, err := range l.to.ReceivePrivate(called, o, l.to.name, carrier) {
			if l.ctx.Err() != nil {
				err = errBroken
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

func (l *line) pull(ctx context.Context, o *justchat.Offer, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		l.mu.Lock()
		l.offsets = append(l.offsets, offset)
		distort := l.distort
		l.mu.Unlock()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(l.ctx, func() { cancel(errBroken) })()
		pieces := l.from.Pieces(ctx, o.Number, offset, func(asked *justchat.Offer) bool { return asked.To == l.to.name })
		if distort != nil {
			pieces = distort(offset, pieces)
		}
		for piece, err := range pieces {
			if l.ctx.Err() != nil || l.pass(len(piece)) {
				yield(nil, errBroken)
				return
			}
			if !yield(piece, err) {
				return
			}
		}
	}
}

// pass reports whether the line breaks under so many bytes.
func (l *line) pass(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passed += n
	if l.limit == 0 || l.passed <= l.limit {
		return false
	}
	l.cut()
	return true
}
