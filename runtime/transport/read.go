package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// crowd is how many frames in a batch mean that many calls are under way. The reader then lets those run
// whom it has just woken before it looks for more: so the answers, or the next calls, of all come in
// one batch again, and no other processor is woken for the little that there is to read yet.
const crowd = 4

// read is the session's own goroutine. It reads frames until the session is frame.Broken, but
// while a caller does. It waits for nothing but the peer; when what it does beside reading takes
// long, another goroutine takes its place.
func (s *Session) read(head []byte) {
	s.reader.begin(s.conn, head)
	s.reading(0, false)
}

// reading is read, by the reader with that number. fill says that the reader has digested what came.
func (s *Session) reading(number uint64, fill bool) {
	defer func() {
		if !s.relieved(number) {
			s.goroutines.Done()
		}
	}()
	for {
		if fill {
			if s.reader.frames > crowd {
				runtime.Gosched()
			}
			s.reader.fill(s.conn)
		}
		if fill = s.digest(nil); fill {
			if !s.runErrand(number) {
				return
			}
			continue
		}
		<-s.hear
		if s.Err() != nil {
			return
		}
	}
}

// digest takes all whole frames from the reader and does what they say, for leader or, if
// that is nil, the session's goroutine. It reports whether the same goes on reading.
func (s *Session) digest(leader *call) bool {
	s.mu.Lock()
	b := s.reader.bytes()
	if len(b) > 0 {
		s.clock.hears()
	}
	s.answered, s.arrived = false, time.Time{}
	s.callers, s.back = s.callers-s.back, 0
	rest, frames, err := s.frames(b)
	if err != nil {
		s.shut(err, !errors.Is(err, ErrClassicOnly))
	}
	s.reader.keep(rest)
	s.reader.frames = frames
	if s.poked {
		s.resume()
	}
	if s.reader.err != nil {
		s.lineBroke(rest, s.reader.err)
	}
	s.writeAside()
	starting, endings := s.starting, s.endings
	if leader == nil && s.cause == nil {
		starting = s.sort(starting)
	}
	s.endings = nil
	waking := s.waking
	s.starting, s.waking = nil, nil // the reader's own; the next may be another
	same := s.passOn(leader, frames)
	s.mu.Unlock()
	for _, c := range waking {
		signal(c.ready)
	}
	s.workers.start(starting)
	s.run(endings)
	if same {
		clear(starting)
		clear(waking)
		s.starting, s.waking = starting[:0], waking[:0]
	}
	return same
}

// lineBroke ends the session because reading failed, with part of a frame unread. It is
// called with the lock held.
func (s *Session) lineBroke(part []byte, err error) {
	switch {
	case !errors.Is(err, io.EOF):
	case s.dialled && !s.greeted && len(part) > 0:
		err = classicAnswer(part)
	case len(part) > 0:
		err = fmt.Errorf("the peer closed it within a frame: %w", io.ErrUnexpectedEOF)
	case s.departed != nil:
		err = fmt.Errorf("the peer closed it, %w: %w", s.departed, err)
	default:
		err = fmt.Errorf("the peer closed it: %w", err)
	}
	s.shut(err, false)
}

// frames receives all whole frames at the start of b, and says how many.
func (s *Session) frames(b []byte) (rest []byte, n int, err error) {
	if !s.prefaced {
		if len(b) < len(frame.Preface) {
			return b, n, nil
		}
		if string(b[:len(frame.Preface)]) != frame.Preface {
			return b, n, frame.Broken("a session begins with the bytes 00 00; this one with % x", b[:len(frame.Preface)])
		}
		b, s.prefaced = b[len(frame.Preface):], true
	}
	for s.cause == nil {
		if len(b) < frame.HeaderSize {
			return b, n, nil
		}
		if err := s.expected(frame.ParseHeader(b), b); err != nil {
			return b, n, err
		}
		h, payload, after, whole := frame.Next(b)
		if !whole {
			return b, n, nil
		}
		if err := s.receive(h, payload); err != nil {
			return b, n, err
		}
		b = after
		n++
	}
	return b, n, nil
}

// expected checks a header before its payload has come.
func (s *Session) expected(h frame.Header, b []byte) error {
	if !s.greeted && h.Kind != frame.Hello {
		if s.dialled {
			return classicAnswer(b)
		}
		return frame.Broken("the first frame is HELLO; this is %s", h.Kind)
	}
	return h.Check()
}

// classicAnswer says that the peer has answered with something else than HELLO: it knows
// only the classic form, and took the frame.Preface for a request. In that form its answer is a
// length and a string.
func classicAnswer(b []byte) error {
	text := b
	if len(b) >= 4 && binary.BigEndian.Uint16(b) == binary.BigEndian.Uint16(b[2:])+2 {
		text = b[4:min(len(b), 4+int(binary.BigEndian.Uint16(b[2:])))]
	}
	return fmt.Errorf("%w: it answered %q", ErrClassicOnly, text[:min(len(text), 200)])
}

// guard runs a function of the user's that must not panic, and lives if it does.
func (s *Session) guard(f func()) {
	defer s.recovered("a function called for a call that ended")
	f()
}
