package transport

import (
	"runtime"
	"slices"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// Writers share one buffer: everyone appends whole frames to out, under the lock, and
// whoever then finds nobody writing becomes the writer, until out is empty. So a lone call
// is written at once, and many calls share a write.
const (
	maxOut     = 512 << 10 // bytes in out, beyond which calls, replies and items wait in line
	maxReserve = 64 << 10  // bytes beyond maxOut for what cannot wait: CREDIT, CANCEL, PING, refusals
	maxSpares  = 2         // buffers that are kept: one to be written and one to be filled
	maxRounds  = 8         // of a writer, after which another goroutine goes on
)

// An afterWrite is somebody who wants to know when the bytes up to a position are written.
type afterWrite struct {
	position uint64
	who      Replied
}

// writable returns out with room for a usual frame.
func (s *Session) writable() []byte {
	if last := len(s.spares) - 1; s.out == nil && last >= 0 {
		s.out, s.spares = s.spares[last], s.spares[:last]
	}
	return s.out
}

// control puts frames into out without waiting. A peer that makes us send them and
// does not read loses its connection.
func (s *Session) control(frames []byte) {
	if s.cause != nil || s.finished {
		return
	}
	s.out = append(s.writable(), frames...)
	s.room.used += len(frames)
	if len(s.out) > maxOut+maxReserve {
		s.shut(frame.Broken("who makes us answer reads the answers"), false)
	}
}

// flush is flushLocked, and gives up the lock.
func (s *Session) flush() {
	s.flushLocked()
	s.mu.Unlock()
}

// flushLocked writes out, if nobody does. It is called and returns with the lock held.
//
// Before it takes the buffer it lets other goroutines run, if several calls are
// open: they are about to append as well.
func (s *Session) flushLocked() {
	if s.writing || len(s.out) == 0 {
		return
	}
	s.writing = true
	for range maxRounds {
		if s.callers+s.incoming.n > 1 {
			s.mu.Unlock()
			runtime.Gosched()
			s.mu.Lock()
		}
		if !s.writeOnce() {
			s.rest()
			return
		}
	}
	if s.cause != nil { // Close may wait already
		s.rest()
		return
	}
	s.goroutines.Go(s.carryOn) // Close waits
}

// flushEarly writes once, if nobody does, without letting others append before. What they append
// meanwhile another goroutine writes. It is called and returns with the lock held.
func (s *Session) flushEarly() {
	if s.writing {
		return
	}
	s.writing = true
	if s.writeOnce() && s.cause == nil {
		s.goroutines.Go(s.carryOn) // Close waits
		return
	}
	s.rest()
}

// carryOn is the rest of a flush.
func (s *Session) carryOn() {
	s.mu.Lock()
	s.writing = false
	s.flush()
}

// writeAside is flush for those who cannot wait, such as the reading goroutine. It is
// called and returns with the lock held.
func (s *Session) writeAside() {
	if s.writing || len(s.out) == 0 || s.cause != nil {
		return
	}
	s.writing = true
	s.goroutines.Go(s.carryOn) // Close waits
}

// rest ends the writing.
func (s *Session) rest() {
	s.writing = false
	s.quiet.Broadcast()
	s.settle()
}

// writeOnce writes what is in out. It is called and returns with the lock held, and
// reports whether there is more to do.
func (s *Session) writeOnce() bool {
	if len(s.out) == 0 || s.cause != nil && !s.farewell {
		return false
	}
	buf := s.out
	s.out = nil
	s.taken += uint64(len(buf))
	s.writes++
	s.room.give(len(buf))
	s.mu.Unlock()
	_, err := s.conn.Write(buf)
	s.mu.Lock()
	if len(s.spares) < maxSpares && cap(buf) <= 2*maxOut {
		s.spares = append(s.spares, buf[:0])
	}
	if err != nil {
		s.farewell = false
		s.shut(err, false)
		s.written(s.lineError(false))
		return false
	}
	s.written(nil)
	return len(s.out) > 0
}

// written tells those whose bytes a write took how it went. It gives up the lock meanwhile.
func (s *Session) written(err error) {
	if len(s.after) == 0 {
		return
	}
	n := 0 // positions rise
	for n < len(s.after) && s.after[n].position <= s.taken {
		n++
	}
	told := append(s.told, s.after[:n]...)
	s.after = slices.Delete(s.after, 0, n)
	s.mu.Unlock()
	for _, a := range told {
		s.guard(func() { a.who.Replied(err) })
	}
	clear(told)
	s.mu.Lock()
	s.told = told[:0] // only the writer is here
}
