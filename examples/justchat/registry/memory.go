package registry

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// remembered is how many changes a Memory can tell a watch about.
const remembered = 1000

// Memory is a Registry in this process. It remembers the last 1,000 changes.
type Memory struct {
	mutex    sync.Mutex
	entries  map[string]held
	revision int64
	history  []Change // the last ones, with consecutive revisions
	leases   map[*memoryLease]struct{}
	silent   bool          // there is no quorum
	closed   bool          // so is everything
	changed  chan struct{} // closed, and another made, when watches have to look again
}

// held is an entry and the lease that it goes with, if any.
type held struct {
	Entry
	lease *memoryLease
}

var _ Registry = (*Memory)(nil)

// NewMemory returns an empty Registry.
func NewMemory() *Memory {
	return &Memory{
		entries: make(map[string]held),
		leases:  make(map[*memoryLease]struct{}),
		changed: make(chan struct{}),
	}
}

// SetQuorum takes the quorum away, and gives it back, for tests. Without it
// all calls fail with ErrNoQuorum at once, watches are silent, and leases are not kept alive: after their life
// they are done for those who hold them. Their entries go when the quorum
// has been back for that long, since only a quorum can decide that they go.
func (m *Memory) SetQuorum(has bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.silent != has || m.closed {
		return
	}
	m.silent = !has
	for lease := range m.leases {
		lease.decide()
	}
	m.wake()
}

// Close ends everything.
func (m *Memory) Close() error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.closed, m.silent = true, true
	for lease := range m.leases {
		lease.abandon()
	}
	m.wake()
	return nil
}

// ready says why a call cannot be answered. The mutex is held.
func (m *Memory) ready(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if m.silent {
		return ErrNoQuorum
	}
	return nil
}

// Get is as Registry has it.
func (m *Memory) Get(ctx context.Context, key string) (Entry, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.ready(ctx); err != nil {
		return Entry{}, err
	}
	entry, found := m.entries[key]
	if !found {
		return Entry{}, ErrNotFound
	}
	return entry.Entry, nil
}

// List is as Registry has it.
func (m *Memory) List(ctx context.Context, prefix string) ([]Entry, int64, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.ready(ctx); err != nil {
		return nil, 0, err
	}
	var entries []Entry
	for key, entry := range m.entries {
		if strings.HasPrefix(key, prefix) {
			entries = append(entries, entry.Entry)
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return entries, m.revision, nil
}

// Create is as Registry has it.
func (m *Memory) Create(ctx context.Context, key string, value []byte, lease Lease) (int64, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	if _, found := m.entries[key]; found {
		return 0, ErrExists
	}
	under, err := m.holding(lease, nil)
	if err != nil {
		return 0, err
	}
	return m.set(key, value, under), nil
}

// Replace is as Registry has it.
func (m *Memory) Replace(ctx context.Context, key string, revision int64, value []byte, lease Lease) (int64, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	entry, found := m.entries[key]
	if !found || entry.Revision != revision {
		return 0, ErrChanged
	}
	under, err := m.holding(lease, entry.lease)
	if err != nil {
		return 0, err
	}
	return m.set(key, value, under), nil
}

// Delete is as Registry has it.
func (m *Memory) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	entry, found := m.entries[key]
	switch {
	case !found && revision == 0:
		return 0, ErrNotFound
	case !found || revision != 0 && entry.Revision != revision:
		return 0, ErrChanged
	}
	return m.remove(key), nil
}

// set stores an entry. The mutex is held, in the following as well.
func (m *Memory) set(key string, value []byte, lease *memoryLease) int64 {
	entry := Entry{key, bytes.Clone(value), m.revision + 1}
	m.entries[key] = held{entry, lease}
	return m.remember(Change{Entry: entry})
}

func (m *Memory) remove(key string) int64 {
	delete(m.entries, key)
	return m.remember(Change{Entry{Key: key, Revision: m.revision + 1}, true})
}

func (m *Memory) remember(change Change) int64 {
	m.revision = change.Revision
	m.history = append(m.history, change)
	m.history = m.history[max(0, len(m.history)-remembered):]
	m.wake()
	return m.revision
}

// wake makes all watches look whether there is something for them.
func (m *Memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Watch is as Registry has it.
func (m *Memory) Watch(ctx context.Context, prefix string, after int64) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for {
			changes, changed, err := m.since(after)
			if err != nil {
				yield(Change{}, err)
				return
			}
			for _, change := range changes {
				after = change.Revision
				if strings.HasPrefix(change.Key, prefix) && !yield(change, nil) {
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				yield(Change{}, context.Cause(ctx))
				return
			}
		}
	}
}

// since returns the changes after a revision, and what is closed when there are more.
func (m *Memory) since(after int64) ([]Change, <-chan struct{}, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	forgotten := m.revision - int64(len(m.history))
	switch {
	case m.closed:
		return nil, nil, ErrNoQuorum
	case m.silent || after >= m.revision:
		return nil, m.changed, nil
	case after < forgotten:
		return nil, nil, ErrCompacted
	}
	return slices.Clone(m.history[after-forgotten:]), m.changed, nil
}

// Grant is as Registry has it. Life is not rounded.
func (m *Memory) Grant(ctx context.Context, life time.Duration) (Lease, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.ready(ctx); err != nil {
		return nil, err
	}
	lease := &memoryLease{memory: m, life: life, done: make(chan struct{}), kept: true}
	m.leases[lease] = struct{}{}
	return lease, nil
}
