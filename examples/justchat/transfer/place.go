package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// mostAlike is how many files of one name a Folder takes.
const mostAlike = 1000

func (f *Folder) pathOf(name string) string { return filepath.Join(f.path, name) }

// place gives a partial that is whole a name like the one that is asked for, which it returns once it is on the disk. The partial
// may then still be there, under its old name as well.
func (f *Folder) place(partial, name string) (string, error) {
	partial = path.Join(hidden, partial)
	for i := range mostAlike {
		free := alike(name, i)
		err := f.giveName(partial, free)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := ondisk.SyncFolder(f.handle); err != nil {
			f.root.Remove(free)
			return "", err
		}
		return free, nil
	}
	return "", fmt.Errorf("there are %d files called like %q; remove some", mostAlike, name)
}

// giveName gives a file a name that is free, else it fails with fs.ErrExist. On disks that have no hard links an
// empty file holds the name for a moment; that is what a power cut may leave.
func (f *Folder) giveName(old, name string) error {
	err := f.link(old, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	holder, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, partialMode)
	if err != nil {
		return err
	}
	holder.Close()
	if err := f.root.Rename(old, name); err != nil {
		f.root.Remove(name)
		return err
	}
	return nil
}

// alike returns the i-th name that is like name: the number stands before the extension, or before both in «name (1).tar.gz».
// A name that names.CheckFile lets through leaves room for it.
func alike(name string, i int) string {
	if i == 0 {
		return name
	}
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	if packed, ok := strings.CutSuffix(stem, ".tar"); ok && extension != "" {
		stem, extension = packed, ".tar"+extension
	}
	return fmt.Sprintf("%s (%d)%s", stem, i, extension)
}
