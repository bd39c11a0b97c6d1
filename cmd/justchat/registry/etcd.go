package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/parley-rpc/parley/examples/justchat/registry"
)

const (
	callTime      = 3 * time.Second  // after which a call has got no answer
	pageSize      = 1000             // entries that a List gets at a time
	keepAliveTime = 10 * time.Second // after which a silent connection is asked whether it lives; gRPC has it no shorter
	defaultPrefix = "justchat/"
)

// A Config says how to reach an etcd.
type Config struct {
	// Endpoints are URLs of its members, http://, https:// or unix://.
	Endpoints []string
	// TLS is what https needs: whom to expect, and, where members want that, who one is.
	TLS *tls.Config
	// Prefix is what all keys begin with, so that others can use the same etcd. Empty is
	// justchat/; rooms that share an etcd need one each.
	Prefix string
	// Logger hears what etcd's client warns of. Nil is nobody.
	Logger *slog.Logger
}

// Etcd is a Registry in an etcd. Each call but Watch takes 3 seconds at most. Replies of members
// that know no leader count as none.
type Etcd struct {
	client *clientv3.Client
	prefix string

	mutex  sync.Mutex
	closed bool
	leases sync.WaitGroup // Close waits for them; none comes after closed
}

var _ registry.Registry = (*Etcd)(nil)

// Dial returns a Registry in an etcd, which need not answer yet. It fails if the
// Config makes no sense.
func Dial(config Config) (*Etcd, error) {
	if len(config.Endpoints) == 0 {
		return nil, errors.New("no addresses of the registry: name its members, as https://a:2379,https://b:2379")
	}
	logger := config.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints:            config.Endpoints,
		TLS:                  config.TLS,
		DialKeepAliveTime:    keepAliveTime,
		DialKeepAliveTimeout: callTime,
		Logger:               zap.New(newQuiet(logger)),
	})
	if err != nil {
		return nil, fmt.Errorf("the registry at %s: %w", strings.Join(config.Endpoints, ","), err)
	}
	prefix := config.Prefix
	if prefix == "" {
		prefix = defaultPrefix
	}
	return &Etcd{client: client, prefix: prefix}, nil
}

// Close is as registry.Registry has it.
func (e *Etcd) Close() error {
	e.mutex.Lock()
	e.closed = true
	e.mutex.Unlock()
	err := e.client.Close()
	e.leases.Wait()
	if errors.Is(err, context.Canceled) { // it was closed already
		return nil
	}
	return err
}

// bound returns the context of a call, which ends with the client too. A member that knows
// no leader refuses the call at once.
func (e *Etcd) bound(ctx context.Context) (calling context.Context, cancel func()) {
	calling, end := context.WithTimeout(clientv3.WithRequireLeader(ctx), callTime)
	stop := context.AfterFunc(e.client.Ctx(), end)
	return calling, func() { stop(); end() }
}

// Get is as registry.Registry has it.
func (e *Etcd) Get(ctx context.Context, key string) (registry.Entry, error) {
	calling, cancel := e.bound(ctx)
	defer cancel()
	reply, err := e.client.Get(calling, e.prefix+key)
	if err != nil {
		return registry.Entry{}, fault(ctx, err)
	}
	if len(reply.Kvs) == 0 {
		return registry.Entry{}, registry.ErrNotFound
	}
	return registry.Entry{Key: key, Value: reply.Kvs[0].Value, Revision: reply.Kvs[0].ModRevision}, nil
}

// List is as registry.Registry has it. It gets the entries in pages, all of the first one's revision.
func (e *Etcd) List(ctx context.Context, prefix string) (entries []registry.Entry, revision int64, err error) {
	calling, cancel := e.bound(ctx)
	defer cancel()
	from, end := e.prefix+prefix, clientv3.GetPrefixRangeEnd(e.prefix+prefix)
	for {
		reply, err := e.client.Get(calling, from, clientv3.WithRange(end), clientv3.WithLimit(pageSize), clientv3.WithRev(revision))
		if err != nil {
			return nil, 0, fault(ctx, err)
		}
		if revision == 0 {
			revision = reply.Header.Revision
		}
		for _, kv := range reply.Kvs {
			entries = append(entries, registry.Entry{Key: string(kv.Key[len(e.prefix):]), Value: kv.Value, Revision: kv.ModRevision})
		}
		if !reply.More {
			return entries, revision, nil
		}
		from = string(reply.Kvs[len(reply.Kvs)-1].Key) + "\x00"
	}
}

// Create is as registry.Registry has it.
func (e *Etcd) Create(ctx context.Context, key string, value []byte, lease registry.Lease) (int64, error) {
	var options []clientv3.OpOption
	if lease != nil {
		id, err := e.idOf(lease)
		if err != nil {
			return 0, err
		}
		options = append(options, clientv3.WithLease(id))
	}
	key = e.prefix + key
	missing := clientv3.Compare(clientv3.CreateRevision(key), "=", 0)
	return e.change(ctx, missing, clientv3.OpPut(key, string(value), options...), registry.ErrExists)
}

// Replace is as registry.Registry has it.
func (e *Etcd) Replace(ctx context.Context, key string, revision int64, value []byte, lease registry.Lease) (int64, error) {
	if revision <= 0 {
		return 0, registry.ErrChanged // which would be that of a missing key
	}
	option := clientv3.WithIgnoreLease()
	if lease != nil {
		id, err := e.idOf(lease)
		if err != nil {
			return 0, err
		}
		option = clientv3.WithLease(id)
	}
	key = e.prefix + key
	same := clientv3.Compare(clientv3.ModRevision(key), "=", revision)
	return e.change(ctx, same, clientv3.OpPut(key, string(value), option), registry.ErrChanged)
}

// Delete is as registry.Registry has it.
func (e *Etcd) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	key = e.prefix + key
	if revision == 0 {
		there := clientv3.Compare(clientv3.CreateRevision(key), ">", 0)
		return e.change(ctx, there, clientv3.OpDelete(key), registry.ErrNotFound)
	}
	same := clientv3.Compare(clientv3.ModRevision(key), "=", revision)
	return e.change(ctx, same, clientv3.OpDelete(key), registry.ErrChanged)
}

// change makes a change under a condition, or returns the error that says that it does not hold.
func (e *Etcd) change(ctx context.Context, condition clientv3.Cmp, change clientv3.Op, otherwise error) (int64, error) {
	calling, cancel := e.bound(ctx)
	defer cancel()
	reply, err := e.client.Txn(calling).If(condition).Then(change).Commit()
	if err != nil {
		return 0, fault(ctx, err)
	}
	if !reply.Succeeded {
		return 0, otherwise
	}
	return reply.Header.Revision, nil
}
