package parcels

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// cancelled is the reason that tells a person's wish from a mishap, in Declined and Withdrawn.
const cancelled = "cancelled"

// Send offers a file to one user, or with none to all. It returns once the file was found to be one. It fails for a
// folder, for what is no regular file, for a name that nobody would take, and while Limits.Sharing of ours are not done.
func (s *Set) Send(to, path string) (id uint64, err error) {
	source, err := open(path)
	if err != nil {
		return 0, err
	}
	p, err := s.addSource(to, source)
	if err != nil {
		source.Close()
		return 0, err
	}
	return p.is.ID, nil
}

// open opens a file, or says which one it was that cannot be sent, and why.
func open(path string) (*transfer.Source, error) {
	source, err := transfer.Open(path)
	if err == nil {
		return source, nil
	}
	text, failed := path, (*fs.PathError)(nil)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if whole, err := filepath.Abs(path); err == nil {
			path = whole // which says where it was looked for
		}
		text = "there is no file " + path
	case errors.Is(err, fs.ErrPermission):
		text = "you may not read " + path + "; change its permissions, or share a copy of your own"
	case errors.Is(err, transfer.ErrFolder):
		text += strings.TrimPrefix(err.Error(), "it")
	case errors.Is(err, transfer.ErrNoFile):
		text += " is no regular file; save what it says in one, and share that"
	case errors.As(err, &failed):
		text += " cannot be read: " + failed.Err.Error()
	default:
		text += ": " + err.Error()
	}
	return nil, &reason{names.Printable(text, false), err}
}

func (s *Set) addSource(to string, source *transfer.Source) (*parcel, error) {
	name, err := names.CheckFile(source.Name())
	if err != nil {
		return nil, fmt.Errorf("others would not take the name %q: %w; give the file another", names.Printable(source.Name(), false), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sending := 0
	for _, p := range s.parcels {
		if p.is.Sending && !p.over {
			sending++
		}
	}
	if sending >= s.Limits.Sharing {
		return nil, fmt.Errorf("%d of your files are not done yet; wait for one to end, or #cancel one", sending)
	}
	is := Transfer{Name: name, With: names.Printable(to, false), Sending: true, Public: to == "", State: Hashing, Size: source.Size()}
	p := &parcel{is: is, source: source}
	return p, s.add(p, func() { s.send(p, to) })
}

// send is the life of a transfer of ours.
func (s *Set) send(p *parcel, to string) {
	defer p.source.Close()
	err := s.hash(p)
	if err == nil {
		err = s.sign(p, to)
	}
	if err == nil {
		err = s.bring(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.pull != nil {
		p.pull(errWithdrawn)
	}
	if err == nil {
		p.done.Store(p.is.Size)
		s.finish(p, Finished, nil)
	} else {
		state, why := s.verdict(p, err)
		s.finish(p, state, why)
	}
	if p.reason != "" {
		return
	}
	switch p.is.State {
	case Finished:
		p.reason = "it is done"
	case Cancelled:
		p.reason = cancelled
	default:
		p.reason = errLeave.Error()
	}
}

// verdict returns what an error that ended a transfer of ours means. mu is held.
func (s *Set) verdict(p *parcel, err error) (State, error) {
	if cause := context.Cause(p.ctx); cause != nil {
		err = cause
	}
	var declined *justchat.Declined
	switch {
	case errors.Is(err, errCancelled):
		return Cancelled, errCancelled
	case errors.As(err, &declined) && declined.Reason == cancelled:
		return Cancelled, fmt.Errorf("cancelled by %s", p.is.With)
	case errors.As(err, &declined):
		return Declined, declined
	}
	return Broken, err
}

// hash reads the file for its sum.
func (s *Set) hash(p *parcel) error {
	if err := take(p.ctx, s.hashing); err != nil {
		return err
	}
	defer func() { <-s.hashing }()
	sum, err := p.source.Sum(p.ctx, func(done int64) { p.done.Store(done) })
	if err != nil {
		return err
	}
	p.done.Store(0)
	p.info = transfer.Info{Name: p.is.Name, Size: p.is.Size, Sum: sum} // what is read here never changes
	return nil
}

// sign makes the offer, once somebody tells who the receiver is.
func (s *Set) sign(p *parcel, to string) error {
	s.mu.Lock()
	s.become(p, Waiting)
	s.number++
	offer := &justchat.Offer{To: to, Number: s.number, Name: p.info.Name, Size: uint64(p.info.Size), SHA256: p.info.Sum[:], Sent: time.Now()}
	s.mu.Unlock()
	err := s.attempts(p, func(ctx context.Context, _ func()) error { return s.Network.Sign(ctx, offer) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.offer = offer
	if !p.is.Public {
		p.is.With = names.Printable(offer.To, false)
	}
	return nil
}

// bring makes the offer until the file is there, or somebody does not want it.
func (s *Set) bring(p *parcel) error {
	s.mu.Lock()
	s.become(p, Asking)
	s.mu.Unlock()
	call := s.Network.Offer
	if p.is.Public {
		call = s.Network.Share
	}
	return s.attempts(p, func(ctx context.Context, heard func()) error {
		return s.follow(p, call(ctx, p.offer), heard)
	})
}

// follow takes in how far the file is. A stream that ends before all of the file is there has broken.
func (s *Set) follow(p *parcel, progress iter.Seq2[justchat.Transfer, error], heard func()) error {
	there := false
	for item, err := range progress {
		if err != nil {
			return err
		}
		heard()
		there = item.Taken && item.Have == p.offer.Size && (item.Copies > 0 || !p.is.Public)
		s.mu.Lock()
		p.done.Store(int64(min(item.Have, math.MaxInt64)))
		if copies := int(item.Copies); copies != p.is.Copies {
			p.is.Copies = copies
			s.tell(p)
		}
		p.taken = p.taken || item.Taken
		state := Asking // also of a receiver who had taken it, and whose client was started anew
		if item.Taken || p.is.Public {
			state = Moving
		}
		if p.queued > 0 { // and has none of Limits.Transfers
			state = Waiting
		}
		s.become(p, state)
		s.mu.Unlock()
	}
	if !there {
		return again("the call has ended, and the file is not there")
	}
	return nil
}

// attempts makes attempts until one returns nil or what no other would mend, or no heard was called for Limits.Unreached.
func (s *Set) attempts(p *parcel, attempt func(ctx context.Context, heard func()) error) error {
	last := time.Now()
	wait := minPause
	reached := false
	for {
		ctx, cancel := context.WithCancelCause(p.ctx)
		late := time.AfterFunc(s.Limits.Unreached-time.Since(last), func() { cancel(errUnreached) })
		ok := false
		err := attempt(ctx, func() { ok = true; late.Stop() })
		late.Stop()
		cause := context.Cause(ctx)
		cancel(nil)
		if ok {
			last, wait, reached = time.Now(), minPause, true
		}
		switch {
		case err == nil:
			return nil
		case p.ctx.Err() != nil:
			return context.Cause(p.ctx)
		case errors.Is(cause, errUnreached) || time.Since(last) >= s.Limits.Unreached:
			return s.unreached(p, err)
		case isFinal(err, reached):
			return err
		}
		s.Logger.Debug("file", "name", p.is.Name, "to", p.is.With, "reason", err)
		s.mu.Lock()
		s.become(p, Waiting)
		s.mu.Unlock()
		pause(p.ctx, max(wait, atLeast(err)))
		wait = min(2*wait, maxPause)
	}
}
