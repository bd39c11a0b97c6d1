package parcels

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// Accept takes the file of an offer into Downloads. An id of 0 is the oldest offer.
func (s *Set) Accept(id uint64) error {
	s.mu.Lock()
	in, err := s.offered(id)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	folder, err := s.openFolder()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ended {
		return fmt.Errorf("%s is not offered any more", in.is.Name)
	}
	p := &parcel{is: Transfer{ID: in.is.ID, With: in.is.From, Public: !in.is.Private}, info: in.info}
	if in.is.Private {
		p.from = in
	}
	if err := s.addComing(folder, p); err != nil {
		return err
	}
	in.parcel = p
	in.stopTimers()
	s.end(in, "", nil)
	s.stir()
	return nil
}

// Get takes a public file of a user into Downloads.
func (s *Set) Get(info transfer.Info, owner string) (id uint64, err error) {
	folder, err := s.openFolder()
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &parcel{is: Transfer{With: names.Printable(owner, false), Public: true}, info: info}
	err = s.addComing(folder, p)
	return p.is.ID, err
}

// openFolder opens the folder where files arrive, once.
func (s *Set) openFolder() (*transfer.Folder, error) {
	if s.Downloads == "" {
		return nil, errors.New("no files are taken here: start the client with a folder for downloads")
	}
	s.folders.Lock()
	defer s.folders.Unlock()
	if s.ctx.Err() != nil {
		return nil, ErrClosed
	}
	if s.folder == nil {
		folder, err := transfer.OpenFolder(s.Downloads)
		if err != nil {
			return nil, fmt.Errorf("the folder for downloads cannot be used: %w", err)
		}
		s.folder = folder
	}
	return s.folder, nil
}

// addComing begins to receive a file. mu is held.
func (s *Set) addComing(folder *transfer.Folder, p *parcel) error {
	coming := 0
	for _, other := range s.parcels {
		if other.is.Sending || other.over {
			continue
		}
		if coming++; other.info.Sum != p.info.Sum {
			continue
		}
		if !other.isIdle() {
			return fmt.Errorf("%s: %w", p.info.Name, transfer.ErrBusy)
		}
		s.finish(other, Broken, ErrAnew)
		other.stop(ErrAnew)
		p.after = other
	}
	if coming >= maxReceiving {
		return fmt.Errorf("%d files are on their way already; wait for one to end, or #cancel one", coming)
	}
	p.is.Name, p.is.Size, p.is.State = names.Printable(p.info.Name, false), p.info.Size, Waiting
	return s.add(p, func() { s.receive(folder, p) })
}

// isIdle reports whether nothing comes of a file, so that another transfer may take its place: it has ended, or no call
// carries its offer. mu is held.
func (p *parcel) isIdle() bool {
	return p.is.State.Ended() || p.from != nil && p.from.carrier == nil
}

// receive is the life of a transfer to us.
func (s *Set) receive(folder *transfer.Folder, p *parcel) {
	path, err := s.fetch(folder, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		p.done.Store(p.is.Size)
		p.is.Path = path
		s.finish(p, Finished, nil)
	} else if cause := context.Cause(p.ctx); errors.Is(cause, errCancelled) {
		s.finish(p, Cancelled, errCancelled)
	} else {
		s.finish(p, Broken, err)
	}
	if p.from == nil || s.ctx.Err() != nil {
		return
	}
	var disk *transfer.DiskError
	switch {
	case err == nil:
		s.answer(p.from, nil)
	case p.is.State == Cancelled:
		s.answer(p.from, s.declined(p.from, cancelled))
	case errors.As(err, &disk):
		s.answer(p.from, s.declined(p.from, "the disk of the receiver takes nothing more"))
	case errors.Is(err, transfer.ErrWrong):
		s.answer(p.from, s.declined(p.from, transfer.ErrWrong.Error()))
	default:
		s.answer(p.from, s.declined(p.from, "it could not be received"))
	}
}

// fetch gets a file whole, and returns where it is.
func (s *Set) fetch(folder *transfer.Folder, p *parcel) (path string, err error) {
	p.last = time.Now()
	if old := p.after; old != nil {
		s.await(p.ctx, func() bool { return old.over })
	}
	for range maxVain {
		path, err = s.receiveOnce(folder, p)
		if !errors.Is(err, transfer.ErrStale) {
			break // else what an earlier run has left was of no use, and is gone
		}
	}
	return path, err
}

func (s *Set) receiveOnce(folder *transfer.Folder, p *parcel) (path string, err error) {
	in, err := folder.Receive(p.info)
	if err != nil {
		return "", err
	}
	if err = s.fill(in, p); err == nil && p.ctx.Err() == nil {
		return in.Commit()
	}
	if cause := context.Cause(p.ctx); cause != nil {
		err = cause
	}
	if s.isKept(err) {
		in.Close()
	} else {
		in.Discard()
	}
	return "", err
}

// isKept reports whether what has come of a file may be of use, after the error with which its transfer ends.
func (s *Set) isKept(err error) bool {
	var missing *justchat.NoSuchFile
	return s.ctx.Err() != nil || errors.Is(err, errUnreached) || errors.Is(err, ErrAnew) || errors.Is(err, errLeave) ||
		errors.As(err, &missing)
}

// fill pulls until all bytes are there, or nobody has them any more.
func (s *Set) fill(in *transfer.Incoming, p *parcel) error {
	p.done.Store(in.Done())
	wait, vain := minPause, 0
	for in.Done() < p.info.Size {
		before := in.Done()
		err := s.pull(in, p)
		if in.Done() > before {
			p.last, wait, vain = time.Now(), minPause, 0
		} else {
			vain++
		}
		switch {
		case p.ctx.Err() != nil:
			return context.Cause(p.ctx)
		case in.Done() == p.info.Size && err == nil:
			return nil
		case err == nil && vain >= maxVain:
			return transfer.ErrWrong // there are fewer
		case errors.Is(err, errUnreached) || time.Since(p.last) >= s.Limits.Unreached:
			return &reason{s.unreached(p, err).Error(), errUnreached}
		case errors.Is(err, errNewer):
			continue
		case s.ends(p, err, vain):
			return err
		}
		s.Logger.Debug("file", "name", p.is.Name, "from", p.is.With, "reason", err)
		pause(p.ctx, wait)
		wait = min(2*wait, maxPause)
	}
	return nil
}

// How often in a row bytes are asked for and none come, before it is believed.
const (
	maxVain    = 3 // where whoever has them says that these are all
	maxMissing = 6 // where nobody has them: a server that does may be on its way back
)

// ends reports whether no other pull would fare better than one that has failed with err.
func (s *Set) ends(p *parcel, err error, vain int) bool {
	var (
		disk    *transfer.DiskError
		gone    *justchat.Withdrawn
		missing *justchat.NoSuchFile
	)
	switch {
	case errors.As(err, &disk), errors.Is(err, transfer.ErrWrong):
		return true
	case errors.As(err, &missing):
		return vain >= maxMissing
	case p.from == nil:
		return isFinal(err, true)
	case errors.As(err, &gone) && gone.Name == p.info.Name: // the sender's word; a relay's has no name
		s.mu.Lock()
		defer s.mu.Unlock()
		s.withdrawn(p.from, gone.Reason)
		return true
	}
	return false
}
