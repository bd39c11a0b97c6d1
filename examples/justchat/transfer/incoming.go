package transfer

import (
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"sync/atomic"

	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// writeAhead is after how many bytes the disk is told to begin with writing, so that Commit has little to wait for.
const writeAhead = 16 << 20

// An Incoming is a file that is being received. Done may be called at once with the others.
//
//	Receive → Append, as often as its pieces break off → Commit            the file is there
//	                                                   → Close             kept for another Receive
//	                                                   → Discard           nothing is left, as after ErrWrong
type Incoming struct {
	folder *Folder
	info   Info
	file   *os.File
	out    io.WriterAt  // the file, but in tests
	found  int64        // of Done, what an earlier Incoming has left
	done   atomic.Int64 // bytes that are in the file
	ahead  int64        // bytes that the disk was told to write
	hash   hashing
	ended  error // why nothing more is done
}

var errClosed = errors.New("it is not being received any more")

func newIncoming(f *Folder, info Info, file *os.File) (*Incoming, error) {
	there, err := file.Stat()
	if err != nil {
		return nil, diskError(err)
	}
	in := &Incoming{folder: f, info: info, file: file, out: file, found: there.Size(), ahead: there.Size()}
	in.done.Store(in.found)
	in.hash.begin(file)
	return in, nil
}

// Done returns how many bytes are there, which is from where on pieces are to come.
func (in *Incoming) Done() int64 { return in.done.Load() }

// Append appends pieces until they end, and returns the error with which they do, if they do; with ErrWrong if they are
// more than Size; or a *DiskError. What came before an error stays, unless that is ErrWrong.
func (in *Incoming) Append(pieces iter.Seq2[[]byte, error]) error {
	if in.ended != nil {
		return in.ended
	}
	err := in.write(pieces)
	if errors.Is(err, ErrWrong) {
		in.fail(err)
	}
	return err
}

func (in *Incoming) write(pieces iter.Seq2[[]byte, error]) error {
	written, stop := in.hash.follow(&in.done)
	defer stop()
	for piece, err := range pieces {
		if err != nil {
			return err
		}
		done := in.done.Load()
		if int64(len(piece)) > in.info.Size-done {
			return ErrWrong
		}
		n, err := in.out.WriteAt(piece, done)
		in.done.Store(done + int64(n))
		if err != nil {
			return diskError(err)
		}
		select {
		case written <- struct{}{}:
		default: // the last one is not taken yet
		}
		if in.done.Load()-in.ahead >= writeAhead {
			ondisk.StartWriting(in.file, in.ahead, in.done.Load())
			in.ahead = in.done.Load()
		}
	}
	return nil
}

// Commit gives the file its name once all its bytes are there and are those of Sum, on the disk for good, and closes the
// Incoming. If the name is taken the file gets another, as in «name (1).png»; no file is ever replaced. It returns the path.
//
// After an error it is closed too. ErrWrong is also for fewer bytes than Size; nothing is left of the file. It is ErrStale instead if an
// earlier Incoming left some of the bytes, since those may have been of another sender, or lost in a power cut: another Receive
// begins at the beginning. After a *DiskError another Receive may find what is there.
func (in *Incoming) Commit() (path string, err error) {
	if in.ended != nil {
		return "", in.ended
	}
	sum, err := in.hash.sum(in.Done())
	switch {
	case err != nil:
		return "", in.fail(diskError(err))
	case in.Done() == in.info.Size && sum == in.info.Sum:
	case in.Done() == in.info.Size && in.found > 0:
		return "", in.fail(ErrStale)
	default:
		return "", in.fail(ErrWrong)
	}
	if err := in.file.Sync(); err != nil { // what of it is on the disk is not known, and will not be said again
		return "", in.fail(diskError(err))
	}
	name, err := in.folder.place(partialName(in.info.Sum), in.info.Name)
	if err != nil {
		in.Close()
		return "", diskError(err)
	}
	in.Discard() // its other name, if it still has it
	return in.folder.pathOf(name), nil
}

// Close stops, and keeps what is there for another Incoming. After Commit or Discard it does nothing.
func (in *Incoming) Close() error { return in.end(errClosed, in.Done() > 0) }

// Discard stops, and keeps nothing.
func (in *Incoming) Discard() error { return in.end(errClosed, false) }

// fail is Discard; whoever asks later is told why, as the caller is.
func (in *Incoming) fail(why error) error {
	in.end(why, false)
	return why
}

func (in *Incoming) end(why error, keep bool) error {
	if in.ended != nil {
		return nil
	}
	in.ended = why
	err := in.release(keep)
	in.folder.leave(in.info.Sum)
	return err
}

// release lets go of the partial. One that is not kept goes before its lock does, so that nobody goes on with it.
func (in *Incoming) release(keep bool) error {
	var err error
	if !keep {
		err = in.remove()
	}
	return errors.Join(err, in.file.Close())
}

// remove removes the partial, unless another has its name by now.
func (in *Incoming) remove() error {
	name := partialName(in.info.Sum)
	there, err := in.folder.hidden.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if ours, err := in.file.Stat(); err != nil || !os.SameFile(ours, there) {
		return err
	}
	return in.folder.hidden.Remove(name)
}
