package parcels

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// An offerKey tells offers from each other.
type offerKey struct {
	client [16]byte
	number uint64
}

// An answer is what became of an offer: it was received, or err.
type answer struct {
	sum transfer.Sum
	err error
}

// A known is a public file that was offered.
type known struct {
	info transfer.Info
	from string
}

// An inbound is an offer to us.
type inbound struct {
	key  offerKey
	info transfer.Info
	user string // ours
	is   Offer

	// The Set's mu guards these.
	telling bool // news of it are queued
	told    bool // the person was handed it
	shown   bool // and has it
	ended   bool // it needs no answer any more
	reason  string
	carrier *Carrier // the call that came last, or nil
	parcel  *parcel  // once she has accepted
	late    *time.Timer
	alone   *time.Timer // runs while no call carries it
}

func (in *inbound) stopTimers() {
	for _, t := range []*time.Timer{in.late, in.alone} {
		if t != nil {
			t.Stop()
		}
	}
}

// read returns what an offer is of, or why it is refused.
func (s *Set) read(o *justchat.Offer, user string) (*inbound, error) {
	refuse := func(why string) error {
		shown := brief(o.Name)
		if n := s.refused.Add(1); n&(n-1) == 0 { // the first, and then ever fewer
			s.Logger.Warn("refused a file", "from", brief(o.From), "name", shown, "reason", why, "refused", n)
		}
		return &justchat.RefusedFile{Name: shown, Reason: why}
	}
	name, err := names.CheckFile(o.Name)
	switch {
	case err != nil:
		return nil, refuse("its name: " + err.Error())
	case o.Size > math.MaxInt64:
		return nil, refuse("no file has so many bytes")
	case len(o.SHA256) != len(transfer.Sum{}):
		return nil, refuse("it has no SHA-256")
	case len(o.Client) != len(offerKey{}.client):
		return nil, refuse("it is of no client")
	case o.Number == 0:
		return nil, refuse("numbers begin with 1")
	}
	in := &inbound{
		key:  offerKey{[16]byte(o.Client), o.Number},
		info: transfer.Info{Name: name, Size: int64(o.Size), Sum: transfer.Sum(o.SHA256)},
		user: user,
	}
	in.is = Offer{From: names.Printable(o.From, false), Private: o.To != "", Name: names.Printable(name, false), Size: in.info.Size, Sent: o.Sent}
	return in, nil
}

// show tells the person of an offer. mu is held.
func (s *Set) show(in *inbound) {
	s.id++
	in.is.ID = s.id
	s.offers = append(s.offers, in)
	in.late = time.AfterFunc(s.Limits.OfferTime, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !in.ended {
			s.end(in, "nobody has answered it", s.declined(in, "nobody has answered"))
		}
	})
	s.tellOffer(in)
}

// end takes an offer away from the person, and answers a private one. mu is held.
func (s *Set) end(in *inbound, reason string, why error) {
	if !in.ended {
		in.ended, in.reason = true, brief(reason)
		s.tellOffer(in)
	}
	if why != nil {
		s.answer(in, why)
	}
}

// tellOffer queues news of an offer. mu is held.
func (s *Set) tellOffer(in *inbound) {
	if in.telling {
		return
	}
	in.telling = true
	s.Tell(func() News {
		s.mu.Lock()
		defer s.mu.Unlock()
		in.telling = false
		if in.ended {
			s.offers = slices.DeleteFunc(s.offers, func(o *inbound) bool { return o == in })
			if in.told {
				return &OfferEnded{in.is, in.reason}
			}
			return nil
		}
		in.told = true
		return &Offered{in.is}
	}, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		in.shown = in.shown || in.told
		s.stir()
	})
}

// answer notes what became of an offer, for the call that carries it and for those to come. A private one is received if
// why is nil. mu is held.
func (s *Set) answer(in *inbound, why error) {
	in.stopTimers()
	delete(s.private, in.key)
	if _, there := s.answers[in.key]; !there {
		if len(s.order) >= maxAnswers {
			delete(s.answers, s.order[0])
			s.order = s.order[1:]
		}
		s.order = append(s.order, in.key)
		s.answers[in.key] = answer{in.info.Sum, why}
	}
	s.stir()
}

func (s *Set) declined(in *inbound, reason string) error {
	return &justchat.Declined{User: in.user, Name: in.info.Name, Reason: reason}
}

// ReceivePublic takes the offer of a public file, which is by whom it says, and returns once it was shown to the person, now or
// before. One too many is not shown; it can be found all the same.
func (s *Set) ReceivePublic(ctx context.Context, o *justchat.Offer) error {
	in, err := s.read(o, "")
	if err != nil {
		return err
	}
	s.mu.Lock()
	_, before := s.answers[in.key]
	if !before {
		s.answer(in, nil)
		s.known = append(s.known, known{in.info, in.is.From})
		if len(s.known) > maxKnown {
			s.known = s.known[1:]
		}
	}
	full := s.waiting(false) >= s.Limits.Offers
	if !before && !full && !s.closed {
		s.show(in)
	}
	s.mu.Unlock()
	if before || full {
		return nil
	}
	s.await(ctx, func() bool { return in.shown || in.ended })
	return nil
}

// waiting returns how many offers wait for an answer. Those to all do not keep out those to the user alone, nor these those. mu
// is held.
func (s *Set) waiting(private bool) (n int) {
	for _, in := range s.offers {
		if in.is.Private == private {
			n++
		}
	}
	return n
}

// Find returns a public file that was offered, and by whom, the latest of that name.
func (s *Set) Find(name string) (info transfer.Info, from string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range slices.Backward(s.known) {
		if k.info.Name == name {
			return k.info, k.from, true
		}
	}
	return transfer.Info{}, "", false
}

// Offers returns the offers that wait for an answer, the oldest first.
func (s *Set) Offers() (all []Offer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.offers {
		if !in.ended {
			all = append(all, in.is)
		}
	}
	return all
}

// offered returns an offer that waits for an answer. mu is held.
func (s *Set) offered(id uint64) (*inbound, error) {
	for _, in := range s.offers {
		if !in.ended && (id == 0 || in.is.ID == id) {
			return in, nil
		}
	}
	if id == 0 {
		return nil, errors.New("no file is offered to you at the moment")
	}
	return nil, fmt.Errorf("no offer has the number %d", id)
}

// Decline does not take the file of an offer. An id of 0 is the oldest offer.
func (s *Set) Decline(id uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.offered(id)
	if err != nil {
		return err
	}
	s.end(in, "", s.declined(in, "no, thank you"))
	return nil
}
