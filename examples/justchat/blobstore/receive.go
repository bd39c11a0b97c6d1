package blobstore

import (
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	bytesize "github.com/parley-rpc/parley/examples/justchat/size"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
)

// An Incoming is a blob that is being received. Its methods are as those of transfer.Incoming, but that Commit gives it no
// name, and that what is there already is no error: all of it is done then.
type Incoming struct {
	store *Store
	sum   transfer.Sum
	size  int64
	in    *transfer.Incoming // nil if it is kept already
	ended bool               // nothing is set aside for it any more
}

// Receive begins to receive a blob, where an earlier try has stopped, which may be before a restart. It fails with ErrQuota, with
// transfer.ErrBusy while another receives it, with a *transfer.DiskError if the disk has no room for it, and with
// transfer.ErrWrong if it is kept and has another size. What earlier tries have left goes when its room is needed.
func (s *Store) Receive(sum transfer.Sum, size int64) (*Incoming, error) {
	in := &Incoming{store: s, sum: sum, size: size}
	kept, err := s.reserve(sum, size)
	if err != nil {
		return nil, err
	}
	if kept {
		return in, nil
	}
	in.in, err = s.folder.Receive(transfer.Info{Name: nameOf(sum), Size: size, Sum: sum})
	if err != nil {
		s.release(sum)
		return nil, err
	}
	if left, err := s.folder.Unfinished(); err != nil || left > s.room() {
		s.folder.Sweep(0) // if that fails the disk's reserve is still there
	}
	return in, nil
}

// reserve sets bytes aside for a blob, unless it is kept already.
func (s *Store) reserve(sum transfer.Sum, size int64) (kept bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if blob, ok := s.blobs[sum]; ok {
		if blob.Size != size {
			return false, fmt.Errorf("it has %d bytes, not %d: %w", blob.Size, size, transfer.ErrWrong)
		}
		return true, nil
	}
	if _, busy := s.busy[sum]; busy {
		return false, transfer.ErrBusy
	}
	if room := s.roomLocked(); size > room {
		much, left := bytesize.Over(size, max(room, 0))
		return false, fmt.Errorf("%w: the file has %s, and of %s there are %s left", ErrQuota, much, bytesize.Of(s.options.Quota), left)
	}
	s.busy[sum] = size
	return false, nil
}

// release takes back what reserve has set aside.
func (s *Store) release(sum transfer.Sum) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, sum)
}

// room returns how many bytes the quota leaves.
func (s *Store) room() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roomLocked()
}

func (s *Store) roomLocked() int64 {
	room := s.options.Quota - s.used
	for _, size := range s.busy {
		room -= size
	}
	return room
}

// Done returns how many bytes are there.
func (in *Incoming) Done() int64 {
	if in.in == nil {
		return in.size
	}
	return in.in.Done()
}

// Append appends pieces until they end, and returns the error with which they do, as that of transfer.Incoming.
func (in *Incoming) Append(pieces iter.Seq2[[]byte, error]) error {
	if in.in != nil {
		return in.in.Append(pieces)
	}
	for piece, err := range pieces {
		if err != nil {
			return err
		}
		if len(piece) > 0 {
			return transfer.ErrWrong // all of it was there
		}
	}
	return nil
}

// Commit has the blob be kept. It fails as that of transfer.Incoming does, and with ErrNotFound if it was there already, and was removed since.
func (in *Incoming) Commit() error {
	if in.in == nil {
		return in.store.renew(in.sum)
	}
	path, err := in.in.Commit()
	if err == nil {
		err = in.keep(filepath.Base(path))
	}
	if err != nil {
		in.Close()
		return err
	}
	in.ended = true
	return nil
}

// keep adds a blob that was given a name.
func (in *Incoming) keep(name string) error {
	s := in.store
	if name != nameOf(in.sum) {
		err := fmt.Errorf("something else has the name %s in %q, which is for files that are kept here: remove it", nameOf(in.sum), s.folder.Path())
		return errors.Join(err, s.root.Remove(name))
	}
	s.add(Blob{Sum: in.sum, Size: in.size, Since: time.Now()})
	return nil
}

// Close stops, and keeps what is there for another try. After Commit or Discard it does nothing.
func (in *Incoming) Close() error { return in.end((*transfer.Incoming).Close) }

// Discard stops, and keeps nothing.
func (in *Incoming) Discard() error { return in.end((*transfer.Incoming).Discard) }

func (in *Incoming) end(how func(*transfer.Incoming) error) error {
	if in.in == nil || in.ended {
		return nil
	}
	in.ended = true
	defer in.store.release(in.sum) // last, so that nobody begins with it before
	return how(in.in)
}
