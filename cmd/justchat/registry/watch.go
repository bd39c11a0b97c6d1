package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/parley-rpc/parley/examples/justchat/registry"
)

// Watch is as registry.Registry has it. It survives a lost connection. It breaks with ErrNoQuorum
// when the member that it is connected to knows no leader, since it may be that one alone that
// does not hear of changes.
func (e *Etcd) Watch(ctx context.Context, prefix string, after int64) iter.Seq2[registry.Change, error] {
	return func(yield func(registry.Change, error) bool) {
		watching, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
		defer cancel()
		for reply := range e.client.Watch(watching, e.prefix+prefix, clientv3.WithPrefix(), clientv3.WithRev(after+1)) {
			for _, event := range reply.Events {
				key := string(event.Kv.Key[len(e.prefix):])
				entry := registry.Entry{Key: key, Value: event.Kv.Value, Revision: event.Kv.ModRevision}
				if !yield(registry.Change{Entry: entry, Deleted: event.Type == clientv3.EventTypeDelete}, nil) {
					return
				}
			}
			if err := reply.Err(); err != nil {
				yield(registry.Change{}, fault(ctx, err))
				return
			}
		}
		yield(registry.Change{}, fault(ctx, errClosed))
	}
}

// errClosed is why nothing works any more.
var errClosed = status.Error(codes.Canceled, "the client was closed")

// fault returns what an error of etcd's client means to the caller: that he has not waited for the answer, that
// the call was wrong, or that there was no answer.
func fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch {
	case errors.Is(err, rpctypes.ErrCompacted):
		return registry.ErrCompacted
	case errors.Is(err, rpctypes.ErrLeaseNotFound):
		return registry.ErrLeaseEnded
	case errors.Is(err, rpctypes.ErrNoSpace):
		return fmt.Errorf("the registry has used up the space that it may: compact, defragment and disarm it with etcdctl: %w", err)
	}
	switch codeOf(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return fmt.Errorf("%w: %v", registry.ErrNoQuorum, err) // not %w: a deadline in it is not the caller's
	}
	return fmt.Errorf("the registry: %w", err)
}

func codeOf(err error) codes.Code {
	var known rpctypes.EtcdError
	if errors.As(err, &known) {
		return known.Code()
	}
	if code := status.FromContextError(err).Code(); code != codes.Unknown {
		return code
	}
	return status.Code(err)
}
