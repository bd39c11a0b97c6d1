package fileserver

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

const (
	askTime   = 3 * time.Second        // for a load balancer to answer
	bindTry   = 5 * time.Second        // for one to bind a name: longer than it waits for the registry, so that it can say that there is no quorum
	bindTime  = 10 * time.Second       // for one to be found that binds a name
	bindPause = 250 * time.Millisecond // before that is tried again
)

// A sharing is a public file that a client shares: the steps of SendPublicFile. Each may be done again.
type sharing struct {
	progress
	f       *Files
	c       *Client
	offer   *justchat.Offer
	blob    blob
	there   *justchat.File // what the name stands for already
	holders []string       // servers that hold it
}

// SendPublicFile does what api.MessageService says of it. The same offer may come again, also while it is under way, and goes on
// where it was. If its name stands for the same bytes already, that is no error; if those are another user's file, nobody is
// asked again.
func (f *Files) SendPublicFile(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		ctx, leave, err := f.enter(ctx)
		if err != nil {
			yield(justchat.Transfer{}, err)
			return
		}
		defer leave()
		c, end, err := f.admit(ctx, &offer, f.checkPublic)
		if err != nil {
			yield(justchat.Transfer{}, err)
			return
		}
		defer end()
		s := &sharing{f: f, c: c, offer: &offer, blob: blob{transfer.Sum(offer.SHA256), int64(offer.Size)}}
		report(ctx, &s.progress, s.run, yield)
	}
}

// run does all the steps.
func (s *sharing) run(ctx context.Context) error {
	s.f.need(s.blob.sum)
	defer s.f.needed(s.blob.sum, listGrace)
	if err := s.check(ctx); err != nil {
		return err
	}
	if !s.kept() {
		err := s.get(ctx)
		if full := new(api.Full); errors.As(err, &full) {
			err = s.lend(ctx, full)
		}
		if err != nil {
			return err
		}
		s.copy(ctx)
		if err := s.bind(ctx); err != nil {
			return err
		}
	}
	s.f.stats.shared.Add(1)
	if s.there != nil && s.there.Owner != s.offer.From {
		return nil
	}
	s.f.announce(ctx, s.offer)
	return nil
}

// file returns the file as it is bound.
func (s *sharing) file() justchat.File {
	return justchat.File{Name: s.offer.Name, Size: s.offer.Size, SHA256: s.offer.SHA256, Owner: s.offer.From, Holders: s.holders}
}

// check asks a load balancer whether the name would be bound. If none knows, that will turn out.
func (s *sharing) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	there, err := s.f.Balance.CheckFile(ctx, s.file())
	if refusal(err) {
		return err
	}
	if err == nil {
		s.there = there
	}
	return nil
}

// refusal reports whether a load balancer has said that a name will not be bound.
func refusal(err error) bool {
	var exists *justchat.FileExists
	var refused *justchat.RefusedFile
	var much *justchat.TooMuch
	return errors.As(err, &exists) || errors.As(err, &refused) || errors.As(err, &much)
}

// elsewhere returns the other servers that hold the file already, and answer.
func (s *sharing) elsewhere() (live []*Peer) {
	if s.there == nil {
		return nil
	}
	for _, peer := range ranked(s.f.Host.Peers(), s.blob.sum) {
		if slices.Contains(s.there.Holders, peer.Name) {
			live = append(live, peer)
		}
	}
	return live
}

// kept reports whether there is nothing to be kept, since enough other servers do so already.
func (s *sharing) kept() bool {
	if len(s.elsewhere()) < holders || s.there.Size != s.offer.Size {
		return false
	}
	s.have.Store(s.blob.size)
	s.copies.Store(holders)
	return true
}

// get gets the bytes from another server that holds them, or from the client, unless they are here.
func (s *sharing) get(ctx context.Context) error {
	if live := s.elsewhere(); len(live) > 0 && s.f.fetchFrom(ctx, s.blob, live, &s.progress) == nil {
		s.here()
		return nil
	}
	err := s.f.fetch(ctx, s.blob, s.client, &s.progress)
	if err == nil {
		s.here()
		return nil
	}
	return s.told(err)
}

// client is where the client sends the bytes from.
func (s *sharing) client(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
	return s.c.Calls.GetFile(ctx, s.offer.Number, offset)
}

// told returns what the client is told of an error with which its bytes have ended.
func (s *sharing) told(err error) error {
	var withdrawn *justchat.Withdrawn
	switch {
	case errors.Is(err, transfer.ErrWrong):
		return s.f.refuse(s.offer, "%v", transfer.ErrWrong)
	case errors.As(err, &withdrawn):
		return s.f.refuse(s.offer, "it is not offered any more: %s", withdrawn.Reason)
	case errors.Is(err, errSlow):
		return runtime.Errorf(runtime.CodeUnavailable, "the bytes of %s do not come from its owner's client", s.offer.Name)
	}
	return err
}

// here notes that this server holds the bytes.
func (s *sharing) here() {
	s.holders = []string{s.f.Name}
	s.copies.Store(1)
}

// holding returns the servers that live and hold the bytes.
func (s *sharing) holding() []string {
	all := slices.Clone(s.holders)
	for _, peer := range s.elsewhere() {
		if !slices.Contains(all, peer.Name) {
			all = append(all, peer.Name)
		}
	}
	return all
}

// copy has other servers hold the bytes too, until enough do, if so many can.
func (s *sharing) copy(ctx context.Context) {
	for _, peer := range ranked(s.f.Host.Peers(), s.blob.sum) {
		held := s.holding()
		s.copies.Store(uint32(min(len(held), holders)))
		if len(held) >= holders {
			return
		}
		if slices.Contains(held, peer.Name) {
			continue
		}
		if s.store(ctx, peer, func(int64) {}) == nil {
			s.holders = append(s.holders, peer.Name)
		}
		if ctx.Err() != nil {
			return
		}
	}
	s.copies.Store(uint32(min(len(s.holding()), holders)))
}

// store has a peer hold the bytes, and tells come how many it has.
func (s *sharing) store(ctx context.Context, peer *Peer, come func(int64)) error {
	file := s.file()
	file.Holders = s.holding()
	ask := func(ctx context.Context) iter.Seq2[justchat.Transfer, error] {
		return peer.Calls.StoreFile(ctx, file)
	}
	for far, err := range watched(ctx, s.f.Limits.Idle, ask, func(justchat.Transfer) int { return slowest }) {
		if err != nil {
			if ctx.Err() == nil {
				s.f.Logger.Warn("another server does not keep a file", "file", s.offer.Name, "server", peer.Name, "reason", err)
			}
			return err
		}
		come(int64(far.Have))
	}
	return nil
}

// bind has the name stand for the bytes. Afterwards there says whose they are.
func (s *sharing) bind(ctx context.Context) error {
	if s.there == nil || !covers(s.there.Holders, s.holders) {
		if err := s.f.bind(ctx, s.file()); err != nil {
			return err
		}
		if err := s.check(ctx); err != nil { // somebody else may have been faster, with the same bytes
			s.f.Logger.Debug("a name that was bound is said to be another's", "file", s.offer.Name, "reason", err)
		}
	}
	return nil
}

// bind has a load balancer bind a name, or add to its holders.
func (f *Files) bind(ctx context.Context, file justchat.File) error {
	ctx, cancel := context.WithTimeout(ctx, bindTime)
	defer cancel()
	for {
		call, cancel := context.WithTimeout(ctx, bindTry)
		err := f.Balance.NewFile(call, file)
		cancel()
		var quorum *justchat.NoQuorum
		if err == nil || refusal(err) || errors.As(err, &quorum) {
			return err
		}
		f.Logger.Debug("a name is not bound", "file", file.Name, "reason", err)
		if pause(ctx, bindPause); ctx.Err() != nil {
			return runtime.Errorf(runtime.CodeUnavailable, "no load balancer can be reached that binds the name %s; share it again later", file.Name)
		}
	}
}

func covers(all, some []string) bool {
	return !slices.ContainsFunc(some, func(name string) bool { return !slices.Contains(all, name) })
}
