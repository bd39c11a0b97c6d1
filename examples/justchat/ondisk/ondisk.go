// Package ondisk is what the standard library does not have of files: who alone has one open, how much room there is, and
// that what was written is there after a power cut.
package ondisk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// ErrLocked says that another has the lock.
var ErrLocked = errors.New("it is in use")

// LockFolder takes a folder for this process, until the file is closed, which is one called lock within. The error says which
// process has it, and calls what is in the folder what it is.
func LockFolder(dir, what string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := Lock(f); err != nil {
		holder := make([]byte, 32)
		n, _ := f.ReadAt(holder, 0)
		f.Close()
		return nil, fmt.Errorf("the %s in %q is in use by process %s: stop that one, or take another folder: %w",
			what, dir, strings.TrimSpace(string(holder[:n])), err)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// MakeFolder makes dir, and has it on disk that it is there, as well as those that it is in.
func MakeFolder(dir string, mode fs.FileMode) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	var made []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return err
	}
	for _, at := range made {
		if err := syncPath(filepath.Dir(at)); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return SyncFolder(f)
}

// SyncFolder returns once it is on disk which files are in an open folder, on systems where that can be asked for.
func SyncFolder(f *os.File) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there, and need not be
	}
	err := f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil // nor on the disks of some other machines
	}
	return err
}
