// Package transfer is what happens to a file at the two ends of its way: it is read in pieces, from any
// byte on, and received so that it is there whole and checked, or not at all. What lies between the ends is not
// known here.
//
//	Open     a file to be sent          → a Source: its SHA-256, then its pieces from an offset on
//	OpenFolder  where files arrive      → a Folder, which no name from outside leads out of
//	Folder.Receive                      → an Incoming, which goes on where an earlier one has stopped
//	Incoming.Append, Commit             → pieces; then the file under its name, beside any that was there
//
// Until it is whole the bytes of a file lie in a hidden folder within the Folder, under the file's
// SHA-256; nobody else can read them there. Memory is bounded by a few pieces, whatever the size of the file.
package transfer

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
)

// PieceSize is how many bytes a piece has at most. Two of them go into the least window of a stream, so that one is on its way
// while another is taken, and one into a frame: it is not put together from parts.
const PieceSize = 32 << 10

// A Sum is the SHA-256 of a file's bytes.
type Sum = [sha256.Size]byte

// An Info is what is known of a file before its bytes are there.
type Info struct {
	Name string
	Size int64
	Sum  Sum
}

// What files are refused for. Errors wrap them, and say what to do.
var (
	ErrFolder  = errors.New("it is a folder; pack it first, as with zip or tar, and share that")
	ErrNoFile  = errors.New("it is no regular file")
	ErrChanged = errors.New("it has changed since it was offered; offer it anew")
	ErrWrong   = errors.New("its bytes are not those that were promised")
	ErrStale   = errors.New("what was left here of an earlier try is not of it; it is to be sent from its beginning")
	ErrBusy    = errors.New("it is being received already")
)

// A DiskError says that the receiver's disk does not take the file: it is full, or failed.
type DiskError struct{ Err error }

func (e *DiskError) Error() string { return "the disk does not take it: " + e.Err.Error() }
func (e *DiskError) Unwrap() error { return e.Err }

// diskError wraps what the system says.
func diskError(err error) error { return &DiskError{Err: withoutPath(err)} }

// withoutPath returns what the system says without the path, which is not the file's name, and nobody else's business.
func withoutPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
