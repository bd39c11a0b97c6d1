package parcels

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// A Carrier is a call that carries a private offer to us.
type Carrier struct {
	// Pull gets the file's bytes from an offset on, over the connection of the call.
	Pull func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error]
	// Direct says that nobody relays the call, so that the sender herself has ended it if it is cancelled.
	Direct bool
}

// ReceivePrivate takes an offer to the user alone, which is by whom it says, for a face to answer TransferFilePrivate with. What
// it yields, and fails with, is as that says.
func (s *Set) ReceivePrivate(ctx context.Context, o *justchat.Offer, user string, carrier Carrier) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		in, err := s.read(o, user)
		if err == nil {
			in, err = s.carry(in, &carrier)
		}
		switch {
		case in != nil:
			runtime.AfterReply(ctx, func(error) { s.replied(&carrier) })
			err = s.report(ctx, in, &carrier, yield)
			s.drop(ctx, in, &carrier)
		case err == nil: // it was received before
			yield(justchat.Transfer{Taken: true, Have: o.Size}, nil)
			return
		}
		if err != nil && !errors.Is(err, errLeft) {
			yield(justchat.Transfer{}, err)
		}
	}
}

// carry has a call carry an offer, which may have come before. The offer is nil if it was answered, with err.
func (s *Set) carry(in *inbound, carrier *Carrier) (*inbound, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, again("the client ends")
	}
	answer, over := s.answers[in.key]
	old := s.private[in.key]
	switch {
	case over && answer.sum != in.info.Sum, old != nil && old.info != in.info:
		return nil, &justchat.RefusedFile{Name: in.info.Name, Reason: "another file had its number"}
	case over:
		return nil, answer.err
	case old != nil:
		in = old
	case s.waiting(true) >= s.Limits.Offers:
		return nil, s.declined(in, "too many files are offered to "+in.user)
	default:
		s.private[in.key] = in
		s.show(in)
	}
	if in.alone != nil {
		in.alone.Stop()
	}
	s.calls[carrier] = in.key
	in.carrier = carrier
	if in.parcel != nil && in.parcel.pull != nil {
		in.parcel.pull(errNewer)
	}
	s.stir()
	return in, nil
}

// replied is called when a call that carried an offer has its reply, or cannot have it.
func (s *Set) replied(carrier *Carrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, carrier)
	s.stir()
}

// drop is called when a call carries an offer no more.
func (s *Set) drop(ctx context.Context, in *inbound, carrier *Carrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.carrier != carrier {
		return
	}
	in.carrier = nil
	s.stir()
	if s.private[in.key] != in || s.closed {
		return
	}
	if carrier.Direct && isCancelled(ctx) {
		why := cancelled
		if in.parcel != nil { // a person's cancel would have ended the pull first
			why = errLeave.Error()
		}
		s.withdrawn(in, why)
		return
	}
	if in.parcel == nil {
		in.alone = time.AfterFunc(carriedTime, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if in.carrier == nil && in.parcel == nil && !in.ended {
				delete(s.private, in.key) // so that it comes back if it is made again
				in.late.Stop()
				s.end(in, "cancelled, or "+in.is.From+" cannot be reached", nil)
			}
		})
	}
}

// errLeave is why a sender who is there does not go on with a file that was accepted.
var errLeave = errors.New("her client has ended, or has given it up; if she offers it again it goes on where it was")

// isCancelled reports whether the other side has cancelled a call, and its connection stands.
func isCancelled(ctx context.Context) bool {
	var failure *runtime.Error
	return errors.As(context.Cause(ctx), &failure) && failure.Code() == runtime.CodeCanceled && !failure.Broken()
}

// withdrawn ends an offer that the sender does not make any more, for good. mu is held.
func (s *Set) withdrawn(in *inbound, why string) {
	text, state := fmt.Errorf("cancelled by %s", in.is.From), Cancelled
	reason := why // of what is not offered any more, which the person is told with it
	if why == cancelled {
		reason = text.Error()
	}
	if why == errLeave.Error() {
		text, state = fmt.Errorf("%s does not offer it any more: %w", in.is.From, errLeave), Broken
	} else if why != cancelled {
		text, state = fmt.Errorf("%s does not offer it any more: %s", in.is.From, why), Broken
	}
	if p := in.parcel; p != nil {
		s.finish(p, state, text)
		p.stop(text)
	}
	s.end(in, reason, s.declined(in, "it was withdrawn"))
}

// report tells the sender how far her file is, as long as the call carries the offer. It returns nil once the file is there.
func (s *Set) report(ctx context.Context, in *inbound, carrier *Carrier, yield func(justchat.Transfer, error) bool) error {
	var said *justchat.Transfer
	for {
		var item justchat.Transfer
		var end answer
		over, replaced := false, false
		is := func() bool {
			end, over = s.answers[in.key]
			replaced = in.carrier != carrier
			if p := in.parcel; p != nil {
				item = justchat.Transfer{Taken: true, Have: uint64(p.is.Done)}
			}
			return over || replaced || in.shown && (said == nil || *said != item)
		}
		switch {
		case !s.await(ctx, is):
			return again("the call has ended")
		case over && end.err != nil:
			return end.err
		case over:
			item = justchat.Transfer{Taken: true, Have: uint64(in.info.Size)}
			yield(item, nil)
			return nil
		case replaced:
			return again("the offer has come by another way")
		}
		if !yield(item, nil) {
			return errLeft
		}
		said = &item
	}
}
