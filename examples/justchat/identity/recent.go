package identity

import (
	"crypto/sha256"
	"sync"
)

// What was found good of late, by the SHA-256 of all that the answer depends on, the keys of the authority too. They are
// the process's, since each of many clients in it has an Authority of its own.
var (
	goodTokens recent[[sha256.Size]byte, Claims]
	goodSigned recent[[sha256.Size]byte, struct{}]
)

// recentSize is how many entries a recent keeps at most.
const recentSize = 4096

// A recent remembers what was put into it of late: at least the last half of recentSize entries,
// at most recentSize. The zero value is ready; it may be used at once.
type recent[K comparable, V any] struct {
	mu       sync.RWMutex
	new, old map[K]V // new becomes old when it is half of recentSize
}

func (r *recent[K, V]) get(key K) (V, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	value, ok := r.new[key]
	if !ok {
		value, ok = r.old[key]
	}
	return value, ok
}

func (r *recent[K, V]) put(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.new == nil || len(r.new) >= recentSize/2 {
		r.old, r.new = r.new, make(map[K]V)
	}
	r.new[key] = value
}
