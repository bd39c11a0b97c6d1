package fileserver

import "sync/atomic"

// counters count since the start.
type counters struct {
	shared       atomic.Uint64
	refused      atomic.Uint64
	served       atomic.Uint64
	relayed      atomic.Uint64
	relayedBytes atomic.Uint64
	copied       atomic.Uint64
	forgotten    atomic.Uint64
}

// Stats are counts since the start, but for the first group.
type Stats struct {
	Held  int   // public files that are here
	Bytes int64 // that they have together
	Quota int64 // bytes that they may have

	Shared       uint64 // public files by clients of this server
	Refused      uint64 // offers with something wrong with them
	Served       uint64 // bytes of public files, to clients and servers
	Relayed      uint64 // private files by clients of this server
	RelayedBytes uint64 // bytes of private files that passed through
	Copied       uint64 // files that had too few holders
	Forgotten    uint64 // files that no name stood for
}

// Stats returns the counts of now.
func (f *Files) Stats() Stats {
	c := &f.stats
	stats := Stats{
		Shared:       c.shared.Load(),
		Refused:      c.refused.Load(),
		Served:       c.served.Load(),
		Relayed:      c.relayed.Load(),
		RelayedBytes: c.relayedBytes.Load(),
		Copied:       c.copied.Load(),
		Forgotten:    c.forgotten.Load(),
	}
	if f.Store == nil {
		return stats
	}
	for range f.Store.All() {
		stats.Held++
	}
	stats.Bytes, stats.Quota = f.Store.Used(), f.Store.Quota()
	return stats
}
