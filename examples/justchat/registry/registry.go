package registry

import (
	"context"
	"errors"
	"iter"
	"time"
)

// A Registry is a store of keys and values, in which each change raises the
// revision of the whole. Its methods may be called at once. While it cannot
// decide they fail with ErrNoQuorum, after 3 seconds at most; if ctx ends before
// that, with its cause. A change that fails so may yet have been made, or be made.
//
// Values belong to the Registry: callers keep neither those that they give nor
// change those that they get.
type Registry interface {
	// Get returns an entry, or ErrNotFound.
	Get(ctx context.Context, key string) (Entry, error)
	// List returns the entries whose keys begin so, by key, as they all were at one revision, and that
	// revision.
	List(ctx context.Context, prefix string) (entries []Entry, revision int64, err error)
	// Create stores what is not there yet, else it fails with ErrExists. With a
	// lease, which may be nil, the entry goes when that ends; if that has ended, it fails with ErrLeaseEnded.
	Create(ctx context.Context, key string, value []byte, lease Lease) (revision int64, err error)
	// Replace stores a new value if the entry still has that revision, else it
	// fails with ErrChanged. From then on the entry is under lease instead of any it was under; with nil
	// that stays as it was.
	Replace(ctx context.Context, key string, revision int64, value []byte, lease Lease) (int64, error)
	// Delete removes an entry if it still has that revision, else it fails with ErrChanged. 0 is any
	// revision; then it fails with ErrNotFound if there is none.
	Delete(ctx context.Context, key string, revision int64) (int64, error)
	// Watch yields what happens after that revision to keys that begin so, in
	// order. It ends with an error: the cause of ctx; ErrCompacted if this is too long ago, and
	// one has to list again; or what broke it. A registry without quorum may as well be silent.
	Watch(ctx context.Context, prefix string, after int64) iter.Seq2[Change, error]
	// Grant returns a lease, which is kept alive for as long as the registry can
	// be reached, whatever becomes of ctx. Life may be rounded up to seconds, and to the least that the registry has.
	Grant(ctx context.Context, life time.Duration) (Lease, error)
	// Close lets go of the registry, and abandons the leases. Calls then fail with ErrNoQuorum.
	Close() error
}

// A Lease is how long entries live that are created under it. Its methods may
// be called at once, and again.
type Lease interface {
	// Done is closed once nobody keeps the lease alive: it was closed or
	// abandoned, or the registry could not be reached for its life.
	Done() <-chan struct{}
	// Abandon leaves the lease to run out, as if this process had died: its
	// entries go when its life has passed. It does not wait for anything.
	Abandon()
	// Close ends the lease, and its entries go at once. If it fails, it has abandoned the lease.
	Close() error
}

// An Entry is a key and its value.
type Entry struct {
	Key      string
	Value    []byte
	Revision int64 // of its last change
}

// A Change is an entry's new value, or, without a value, that it is gone.
type Change struct {
	Entry
	Deleted bool
}

// What a Registry's methods fail with.
var (
	ErrNotFound   = errors.New("no such key in the registry")
	ErrExists     = errors.New("the registry has the key already")
	ErrChanged    = errors.New("the registry's entry has changed meanwhile")
	ErrCompacted  = errors.New("the registry does not remember changes so far back")
	ErrLeaseEnded = errors.New("the lease in the registry has ended")
	ErrNoQuorum   = errors.New("the registry has no quorum")
)
