package server

import (
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/fileserver"
)

// counters count since the start.
type counters struct {
	records    atomic.Uint64
	deliveries atomic.Uint64
	calls      atomic.Uint64
	callTime   atomic.Int64
	refused    atomic.Uint64
	slowed     atomic.Uint64
	cutOff     atomic.Uint64
	relayed    atomic.Uint64
	pulls      atomic.Uint64
}

func (c *counters) delivered(n int, took time.Duration) {
	c.deliveries.Add(uint64(n))
	c.calls.Add(1)
	c.callTime.Add(int64(took))
}

// Stats are counts since the server started, but for the first group.
type Stats struct {
	Clients  int
	Servers  int           // others, that answer
	Lag      uint64        // records of ours that are on no other disk
	Draining bool          // no new clients are taken
	Records  uint64        // taken from clients
	Delivery time.Duration // that clients needed to take messages, together

	Deliveries uint64 // of records to clients
	Calls      uint64 // that carried them
	Refused    uint64 // messages
	Slowed     uint64 // calls of clients that send too fast
	CutOff     uint64 // clients that were too far behind, or took nothing
	Relayed    uint64 // private messages, to other servers
	Pulls      uint64 // times that we caught up from another server

	Files fileserver.Stats
}

// Stats returns the counts of now.
func (s *Server) Stats() Stats {
	c := &s.stats
	servers, lag := s.room.lag()
	return Stats{
		Clients:    s.clients(),
		Servers:    servers,
		Lag:        lag,
		Draining:   s.state().Draining,
		Records:    c.records.Load(),
		Delivery:   time.Duration(c.callTime.Load()),
		Deliveries: c.deliveries.Load(),
		Calls:      c.calls.Load(),
		Refused:    c.refused.Load(),
		Slowed:     c.slowed.Load(),
		CutOff:     c.cutOff.Load(),
		Relayed:    c.relayed.Load(),
		Pulls:      c.pulls.Load(),
		Files:      s.files.Stats(),
	}
}
