package messagelog

import (
	"io"
	"os"
	"path/filepath"

	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// A folder is what a log asks of a file system. Tests have others than disk.
type folder interface {
	// List returns the names of the files.
	List() ([]string, error)
	// Open opens a file that is there, Create one that is not.
	Open(name string) (file, error)
	Create(name string) (file, error)
	// Rename replaces what has the new name.
	Rename(old, new string) error
	Remove(name string) error
	// Sync returns once it is on disk which files there are.
	Sync() error
	// Free returns how many bytes may still be written, -1 for unknown.
	Free() (int64, error)
}

type file interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// disk is a folder of the operating system, by its path.
type disk string

func (d disk) path(name string) string { return filepath.Join(string(d), name) }

func (d disk) List() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (d disk) Open(name string) (file, error) { return d.open(name, 0) }

func (d disk) Create(name string) (file, error) { return d.open(name, os.O_CREATE|os.O_EXCL) }

func (d disk) open(name string, flags int) (file, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|flags, 0o600)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

func (d disk) Rename(old, new string) error { return os.Rename(d.path(old), d.path(new)) }
func (d disk) Remove(name string) error     { return os.Remove(d.path(name)) }
func (d disk) Free() (int64, error)         { return ondisk.Free(string(d)) }

func (d disk) Sync() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	defer f.Close()
	return ondisk.SyncFolder(f)
}

type diskFile struct{ *os.File }

func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// replace writes a file as a whole: after a crash it is the old one or the new one.
func replace(d folder, name string, data []byte) error {
	fresh := name + newSuffix
	if err := create(d, fresh, data); err != nil {
		return err
	}
	if err := d.Rename(fresh, name); err != nil {
		return err
	}
	return d.Sync()
}

// create writes a file that is not there, or was not finished, and syncs it, not the folder.
func create(d folder, name string, data []byte) error {
	d.Remove(name)
	f, err := d.Create(name)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		d.Remove(name)
	}
	return err
}

// readAll returns what is in a file.
func readAll(d folder, name string) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFile(f)
}

// readFile returns what is in f; after an error, as far as it could be read.
func readFile(f file) ([]byte, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	n, err := f.ReadAt(data, 0)
	if err == io.EOF {
		err = nil
	}
	return data[:n], err
}
