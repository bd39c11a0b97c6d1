package transfer

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// A partial is a file in the hidden folder: the bytes of a file as far as they are there, under its SHA-256. Whoever has locked it
// writes to it. It has the mode that the file will have; the folder keeps others away.
const partialMode = 0o644

func partialName(sum Sum) string { return hex.EncodeToString(sum[:]) }

// openPartial opens and locks what is there of a file, or begins it. What is not ours to go on with is removed: a link or
// anything else that is no regular file, one that is too long, or has another name already since a process was killed as it gave it that.
func (f *Folder) openPartial(info Info) (*os.File, error) {
	name := partialName(info.Sum)
	for range 10 {
		there, err := f.hidden.Lstat(name)
		flags := os.O_RDWR
		switch {
		case errors.Is(err, fs.ErrNotExist):
			flags |= os.O_CREATE | os.O_EXCL
		case err != nil:
			return nil, diskError(err)
		case !there.Mode().IsRegular() || there.Size() > info.Size || ondisk.Names(there) > 1:
			if err := f.removePartial(name); err != nil {
				return nil, err
			}
			continue
		}
		file, err := f.hidden.OpenFile(name, flags, partialMode)
		switch {
		case errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist):
			continue // another process is faster
		case err != nil:
			return nil, diskError(err)
		}
		switch ours, err := f.lockPartial(name, file); {
		case err != nil:
			file.Close()
			return nil, err
		case ours:
			return file, nil
		}
		file.Close()
	}
	return nil, ErrBusy // others come and go faster
}

// lockPartial locks a partial, and looks whether it is then still what stands under its name, and nowhere else.
func (f *Folder) lockPartial(name string, file *os.File) (bool, error) {
	if errors.Is(ondisk.Lock(file), ondisk.ErrLocked) { // disks that have no locks have to do without
		return false, ErrBusy
	}
	opened, err := file.Stat()
	if err != nil {
		return false, diskError(err)
	}
	there, err := f.hidden.Lstat(name)
	return err == nil && os.SameFile(opened, there) && ondisk.Names(there) <= 1, nil
}

// removePartial removes what has the name of a partial, unless another writes to it.
func (f *Folder) removePartial(name string) error {
	if there, err := f.hidden.Lstat(name); err == nil && there.Mode().IsRegular() {
		file, err := f.hidden.OpenFile(name, os.O_RDWR, 0)
		if err == nil {
			defer file.Close() // after it was removed, so that nobody else can lock it before
			err = ondisk.Lock(file)
		}
		if errors.Is(err, ondisk.ErrLocked) {
			return ErrBusy
		}
	}
	if err := f.hidden.RemoveAll(name); err != nil {
		return diskError(err)
	}
	return nil
}

// Sweep removes what has lain there unfinished for that long, and is not being received; by another process neither, on disks that have
// locks.
func (f *Folder) Sweep(age time.Duration) error {
	return f.eachUnfinished(func(info fs.FileInfo) {
		if age == 0 || time.Since(info.ModTime()) > age {
			f.removePartial(info.Name()) // what cannot be removed stays
		}
	})
}

// Unfinished returns how many bytes lie there that are not being received here.
func (f *Folder) Unfinished() (bytes int64, err error) {
	err = f.eachUnfinished(func(info fs.FileInfo) { bytes += info.Size() })
	return bytes, err
}

func (f *Folder) eachUnfinished(do func(fs.FileInfo)) error {
	entries, err := fs.ReadDir(f.hidden.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if sum, err := hex.DecodeString(entry.Name()); err == nil && len(sum) == len(Sum{}) {
			if f.isOpen(Sum(sum)) {
				continue
			}
		}
		if info, err := entry.Info(); err == nil {
			do(info)
		}
	}
	return nil
}

func (f *Folder) isOpen(sum Sum) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, open := f.open[sum]
	return open
}
