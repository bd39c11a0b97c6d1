package server

import (
	"bytes"
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
)

// maxBatch is how many messages a client may bring in one call.
const maxBatch = 256

// settleTime is how long a message waits for what its sender has seen and this server has not.
const settleTime = 250 * time.Millisecond

// SendPublicMsg implements api.MessageService.
func (m *messageService) SendPublicMsg(ctx context.Context, messages []justchat.Message, seen map[string]uint64) (uint32, error) {
	s := m.s
	c, err := s.session(ctx)
	if err != nil {
		return 0, err
	}
	if len(messages) == 0 || len(messages) > maxBatch {
		return 0, &api.Refused{Reason: fmt.Sprintf("a call carries 1 to %d messages, this one %d", maxBatch, len(messages))}
	}
	if until := s.mutedUntil(c.User); time.Now().Before(until) {
		return 0, &api.Muted{Until: until}
	}
	for i := range messages {
		if err := s.checkMessage(c, &messages[i], ""); err != nil {
			return 0, err
		}
	}
	if wait := s.allow(c.User, len(messages)); wait > 0 {
		return 0, &justchat.TooFast{What: "messages", Wait: wait}
	}
	for i := range messages {
		if err := s.checkSignature(&messages[i]); err != nil {
			return 0, err
		}
	}
	c.note(s.room.plausible(seen, s.seen()))
	s.settle(ctx, c, messages[0].Number)
	last, err := s.room.take(messages, s.seen(), s.Log.Lamport())
	if err != nil {
		return 0, err
	}
	signal(s.commits)
	copies, err := s.acknowledged(ctx, last)
	if copies == 1 {
		s.room.unsafe(&c.listener, last, messages[len(messages)-1].Number)
	}
	return copies, err
}

// checkMessage says what is wrong with a message that a client brings, or nil. To is empty for
// messages to all. What takes time is left to checkSignature, once the sender is known not to be too fast.
func (s *Server) checkMessage(c *session, m *justchat.Message, to string) error {
	refuse := func(format string, a ...any) error { return s.refuse(m, fmt.Sprintf(format, a...)) }
	switch {
	case m.From != c.User:
		return refuse("it is by %q, this connection is %q", m.From, c.User)
	case m.To != to && to == "":
		return refuse("it is for %q and not for all", m.To)
	case !bytes.Equal(m.Client, c.ID):
		return refuse("it is of another client process")
	case m.Number == 0:
		return refuse("numbers begin with 1")
	case len(m.Text) > s.Limits.MessageBytes:
		return refuse("it has %d bytes, at most %d are taken", len(m.Text), s.Limits.MessageBytes)
	case !utf8.ValidString(m.Text):
		return refuse("its text is not UTF-8")
	}
	return nil
}

// checkSignature says whether a message is by whom it says.
func (s *Server) checkSignature(m *justchat.Message) error {
	if err := s.authority.CheckMessage(m); err != nil {
		return s.refuse(m, err.Error())
	}
	return nil
}

func (s *Server) refuse(m *justchat.Message, reason string) error {
	s.stats.refused.Add(1)
	return &api.Refused{Number: m.Number, Reason: reason}
}

// settle waits for what a client that has come from another server has seen there, and for what it said
// there before its message of that number: what it says now is to come after that. It does so once, and not for
// long: the other server may be lost.
func (s *Server) settle(ctx context.Context, c *session, number uint64) {
	settled := func() bool { return s.room.next(c.ID) >= number && s.seen().Covers(c.seen()) }
	if c.settled.Swap(true) || settled() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	ticker := time.NewTicker(tickTime / 4)
	defer ticker.Stop()
	for ctx.Err() == nil && !settled() {
		s.catchUpNow()
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// acknowledged waits until our record is acknowledged, and returns on how many disks it is.
func (s *Server) acknowledged(ctx context.Context, number uint64) (uint32, error) {
	for {
		copies, changed, err := s.room.acknowledged(number)
		if copies > 0 || err != nil {
			return copies, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// A userLimit is how fast a user speaks.
type userLimit struct {
	bucket *rate.Limiter
	used   time.Time
}

// maxLimiters is how many users' limits are kept before those not in use are dropped.
const maxLimiters = 10_000

// allow reports 0 if a user may send n messages now, else when she may try again.
func (s *Server) allow(user string, n int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() // under the lock: a limiter that is told an earlier time counts what follows twice
	l := s.limiters[user]
	if l == nil {
		if len(s.limiters) >= maxLimiters {
			s.dropLimiters(now)
		}
		l = &userLimit{bucket: rate.NewLimiter(rate.Limit(s.Limits.Rate), s.Limits.Burst)}
		s.limiters[user] = l
	}
	l.used = now
	most := min(n, s.Limits.Burst) // more than that is never there; the rest is owed
	r := l.bucket.ReserveN(now, most)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
		s.stats.slowed.Add(1)
		return wait
	}
	for n -= most; n > 0; n -= most {
		most = min(n, s.Limits.Burst)
		l.bucket.ReserveN(now, most)
	}
	return 0
}

// dropLimiters drops those that are full again.
func (s *Server) dropLimiters(now time.Time) {
	full := time.Duration(float64(s.Limits.Burst) / s.Limits.Rate * float64(time.Second))
	for user, l := range s.limiters {
		if now.Sub(l.used) > full {
			delete(s.limiters, user)
		}
	}
}
