package fileserver

import (
	"context"
	"errors"
	"iter"
	"time"
)

// errSlow is why a source is given up.
var errSlow = errors.New("its bytes do not come")

// slowest is how many bytes have to come within Limits.Idle, or all that there are.
const slowest = 64 << 10

// A call asks for a stream.
type call[T any] func(ctx context.Context) iter.Seq2[T, error]

// watched yields what a call does, and gives it up with errSlow once it has waited so long for items that are together worth slowest. The time
// in which who takes them is busy does not count.
func watched[T any](ctx context.Context, idle time.Duration, ask call[T], worth func(T) int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		dog := time.AfterFunc(idle, func() { cancel(errSlow) })
		defer dog.Stop()
		left, got, began := idle, 0, time.Now()
		for item, err := range ask(ctx) {
			if err != nil {
				if errors.Is(context.Cause(ctx), errSlow) {
					err = errSlow
				}
				yield(item, err)
				return
			}
			dog.Stop()
			left -= time.Since(began)
			if got += worth(item); got >= slowest {
				left, got = idle, 0
			}
			if !yield(item, nil) {
				return
			}
			began = time.Now()
			dog.Reset(max(left, 0))
		}
	}
}

// source sends the bytes of a file from an offset on.
type source func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error]

// bytes returns watched for the bytes of a source.
func (f *Files) bytes(ctx context.Context, from source, offset uint64) iter.Seq2[[]byte, error] {
	ask := func(ctx context.Context) iter.Seq2[[]byte, error] { return from(ctx, offset) }
	return watched(ctx, f.Limits.Idle, ask, func(piece []byte) int { return len(piece) })
}
