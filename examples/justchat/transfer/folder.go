package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// hidden is where files lie in a Folder until they are whole. No name that names.CheckFile lets through is this one.
const hidden = ".justchat"

// unfinished is how long what was not received wholly is kept.
const unfinished = 7 * 24 * time.Hour

// A Folder is where files arrive. Its methods may be called at once, and several Folders may be one folder on the disk, in several
// processes.
type Folder struct {
	// Reserve is how many bytes of the disk Receive leaves free. It is set before the first Receive, if at all.
	Reserve int64

	path   string
	root   *os.Root
	hidden *os.Root
	handle *os.File // of root, to sync it
	link   func(old, name string) error

	mu   sync.Mutex
	open map[Sum]*Incoming // by what they are to have; nil while it is looked for what is there
}

// OpenFolder opens a folder, which it makes if need be, and removes what has lain there unfinished for a
// week. A symbolic link in it is never followed.
func OpenFolder(path string) (*Folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := ondisk.MakeFolder(path, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	f := &Folder{path: path, root: root, link: root.Link, open: make(map[Sum]*Incoming)}
	if f.hidden, err = openHidden(root); err != nil {
		root.Close()
		return nil, err
	}
	if f.handle, err = root.Open("."); err == nil {
		err = f.Sweep(unfinished)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// openHidden opens the folder for what is not whole yet. It is to be a folder and not a link to one.
func openHidden(root *os.Root) (*os.Root, error) {
	if err := root.Mkdir(hidden, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	there, err := root.Lstat(hidden)
	if err != nil {
		return nil, err
	}
	opened, err := root.OpenRoot(hidden)
	if err != nil {
		return nil, fmt.Errorf("%q in %q is kept for files that are not whole yet; remove what is there: %w", hidden, root.Name(), err)
	}
	if within, err := opened.Stat("."); err != nil || !os.SameFile(there, within) {
		opened.Close()
		return nil, fmt.Errorf("%q in %q is kept for files that are not whole yet, and is a link; remove it", hidden, root.Name())
	}
	if err := opened.Chmod(".", 0o700); err != nil { // it may be of another user
		opened.Close()
		return nil, err
	}
	return opened, nil
}

// Path returns the folder's path.
func (f *Folder) Path() string { return f.path }

// Receive begins to receive a file, where an earlier Incoming of the same Sum has stopped. The name is checked with names.CheckFile.
// It fails with ErrBusy while another Incoming of that Sum is open, in whatever process, and with a *DiskError if the disk has not
// room for it beside all that is being received; then what lies there unfinished goes first.
func (f *Folder) Receive(info Info) (*Incoming, error) {
	name, err := names.CheckFile(info.Name)
	if err != nil {
		return nil, fmt.Errorf("the name %q: %w", info.Name, err)
	}
	info.Name = name
	if info.Size < 0 {
		return nil, fmt.Errorf("its size of %d bytes is none", info.Size)
	}
	if !f.take(info.Sum) {
		return nil, ErrBusy
	}
	in, err := f.resume(info)
	if err != nil {
		f.leave(info.Sum)
		return nil, err
	}
	f.Sweep(unfinished) // what cannot be removed stays
	if err = f.checkRoom(); err != nil {
		f.Sweep(0)
		err = f.checkRoom()
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// take has nobody else receive what has that sum, until leave.
func (f *Folder) take(sum Sum) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, busy := f.open[sum]
	if !busy {
		f.open[sum] = nil
	}
	return !busy
}

func (f *Folder) leave(sum Sum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, sum)
}

// resume opens what is there of a file, or begins it.
func (f *Folder) resume(info Info) (*Incoming, error) {
	file, err := f.openPartial(info)
	if err != nil {
		return nil, err
	}
	in, err := newIncoming(f, info, file)
	if err != nil {
		file.Close()
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[info.Sum] = in
	return in, nil
}

// checkRoom looks whether the disk has room for all that is being received.
func (f *Folder) checkRoom() error {
	free, err := ondisk.Free(f.path)
	if err != nil {
		return diskError(err)
	}
	if free < 0 {
		return nil // not known
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	left := free - f.Reserve
	for _, in := range f.open {
		if in != nil && left >= 0 { // it does not get less than an int64 holds
			left -= in.info.Size - in.Done()
		}
	}
	if left < 0 {
		return &DiskError{Err: fmt.Errorf("%d MiB are free, too few for what is being received and for what is to stay free", free>>20)}
	}
	return nil
}

// Close closes the folder. No Incoming is to be open.
func (f *Folder) Close() error {
	err := errors.Join(f.root.Close(), f.hidden.Close())
	if f.handle != nil {
		err = errors.Join(err, f.handle.Close())
	}
	return err
}
