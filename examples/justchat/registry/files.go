package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/size"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// What is not possible without quorum.
const (
	sharing  = "sharing a file under a new name"
	holding  = "keeping a file on one more server"
	removing = "removing a file"
)

// FileLimits bound the public files that one user owns. Below zero is any number.
type FileLimits struct {
	Files int
	Bytes int64 // of all of them together
}

// fileKey keeps the case of a name, but not how its letters are composed.
func fileKey(name string) string { return filesPrefix + norm.NFC.String(name) }

// Files returns all public files, by name. They share their slices with the cache.
func (d *Directory) Files() []justchat.File {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.files.all()
}

// File returns the public file of that name, as the cache has it.
func (d *Directory) File(name string) (justchat.File, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.files.get(fileKey(name))
}

// CheckFile says whether BindFile would take a file now, without its holders. It returns the file that has the name, if that
// is of the same bytes, else nil. It fails with a *justchat.FileExists or a *justchat.TooMuch. Of a name that the cache
// has the registry itself is asked, if it answers.
func (d *Directory) CheckFile(ctx context.Context, file justchat.File, limits FileLimits) (*justchat.File, error) {
	key := fileKey(file.Name)
	there, known := d.File(file.Name)
	if known && d.Quorum() { // the name may be free since a moment ago
		entry, err := d.registry.Get(ctx, key)
		known = !errors.Is(d.answered(err), ErrNotFound)
		if now, unread := d.files.read(entry.Value); err == nil && unread == nil {
			there = now
		}
	}
	switch {
	case known && sameBytes(there, file):
		return &there, nil
	case known:
		return nil, &justchat.FileExists{Name: there.Name, Owner: there.Owner}
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return nil, d.room(key, file, limits)
}

func sameBytes(a, b justchat.File) bool { return a.Size == b.Size && slices.Equal(a.SHA256, b.SHA256) }

// BindFile has the name of a public file stand for its bytes. If it does already,
// the holders are added to those that are known. It fails with a *justchat.FileExists if it
// stands for other bytes; with a *justchat.TooMuch if the name is new and exceeds what its owner may have; or
// with a *justchat.NoQuorum.
//
// What the owner has is read from the cache: of files that are bound at once by several Directories a few
// too many may be taken.
func (d *Directory) BindFile(ctx context.Context, file justchat.File, limits FileLimits) error {
	file.Name = norm.NFC.String(file.Name)
	file.Holders = slices.Compact(slices.Sorted(slices.Values(file.Holders)))
	key := fileKey(file.Name)
	for {
		release, tooMuch := d.reserve(key, file, limits)
		if tooMuch == nil {
			err := d.createFile(ctx, key, file)
			release()
			if !errors.Is(err, ErrExists) {
				return err
			}
		}
		err := d.addHolders(ctx, key, file, sharing)
		switch gone := errors.Is(err, ErrNotFound); {
		case gone && tooMuch != nil:
			return tooMuch
		case !gone && !errors.Is(err, ErrChanged):
			return err
		}
	}
}

// reserve counts a file as one of its owner's until release is called, or says why it may not be one.
func (d *Directory) reserve(key string, file justchat.File, limits FileLimits) (release func(), err error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if err := d.room(key, file, limits); err != nil {
		return nil, err
	}
	if _, bound := d.binding[key]; bound { // by another call, and one of the two will find it there
		return func() {}, nil
	}
	d.binding[key] = file
	return func() {
		d.mutex.Lock()
		defer d.mutex.Unlock()
		delete(d.binding, key)
	}, nil
}

// room returns a *justchat.TooMuch if the owner of a file may not have it beside all others that she has. The mutex is held.
func (d *Directory) room(key string, file justchat.File, limits FileLimits) error {
	files, bytes := 1, file.Size
	count := func(k string, other justchat.File) {
		if k != key && other.Owner == file.Owner {
			files, bytes = files+1, bytes+other.Size
		}
	}
	for k, r := range d.files.rows {
		if _, twice := d.binding[k]; !r.gone && !twice {
			count(k, r.value)
		}
	}
	for k, other := range d.binding {
		count(k, other)
	}
	switch {
	case limits.Files >= 0 && files > limits.Files:
		return &justchat.TooMuch{Name: file.Name, Limit: fmt.Sprintf(
			"%s has %s, and a user may have %d; remove one first", file.Owner, counted(files-1), limits.Files)}
	case limits.Bytes >= 0 && bytes > uint64(limits.Bytes):
		much, most := size.Over(int64(min(bytes, math.MaxInt64)), limits.Bytes)
		return &justchat.TooMuch{Name: file.Name, Limit: fmt.Sprintf(
			"the public files of %s would have %s together, and those of a user may have %s; remove some first",
			file.Owner, much, most)}
	}
	return nil
}

// counted says how many public files there are.
func counted(files int) string {
	if files == 1 {
		return "1 public file"
	}
	return fmt.Sprintf("%d public files", files)
}

// createFile fails with ErrExists if the name stands for something.
func (d *Directory) createFile(ctx context.Context, key string, file justchat.File) error {
	value := encode(file)
	revision, err := d.registry.Create(ctx, key, value, nil)
	if err != nil {
		return d.refused(sharing, err)
	}
	d.answered(nil)
	d.written(Change{Entry: Entry{key, value, revision}})
	return nil
}

// addHolders adds the holders of a file to those of the one that has its name. It fails with ErrNotFound if there
// is none, and with ErrChanged if somebody else was faster.
func (d *Directory) addHolders(ctx context.Context, key string, file justchat.File, what string) error {
	entry, err := d.registry.Get(ctx, key)
	if err != nil {
		return d.refused(what, err)
	}
	d.answered(nil)
	there, err := d.files.read(entry.Value)
	if err != nil {
		return err
	}
	if !sameBytes(there, file) {
		return &justchat.FileExists{Name: there.Name, Owner: there.Owner}
	}
	holders := slices.Concat(there.Holders, file.Holders)
	slices.Sort(holders)
	holders = slices.Compact(holders)
	if len(holders) == len(there.Holders) {
		return nil
	}
	there.Holders = holders
	done, err := d.replace(ctx, entry, encode(there), what)
	if !done {
		return ErrChanged
	}
	return err
}

// HoldFile adds holders to a public file that there is, and nothing else. It fails with a *justchat.NoSuchFile if its name
// stands for nothing or for other bytes, or with a *justchat.NoQuorum.
func (d *Directory) HoldFile(ctx context.Context, file justchat.File) error {
	for {
		err := d.addHolders(ctx, fileKey(file.Name), file, holding)
		var other *justchat.FileExists
		switch {
		case errors.Is(err, ErrNotFound), errors.As(err, &other):
			return &justchat.NoSuchFile{File: file.Name, Reason: "the name does not stand for these bytes"}
		case !errors.Is(err, ErrChanged):
			return err
		}
	}
}

// RemoveFile has the name of a public file stand for nothing any more, and returns what it stood for; another may be bound to it at
// once. It fails with a *justchat.NoSuchFile; with a *loadbalancer.NotOwner if it is another's, whose name would not be taken for
// that of owner; or with a *justchat.NoQuorum. An empty owner is anybody.
func (d *Directory) RemoveFile(ctx context.Context, name, owner string) (justchat.File, error) {
	key := fileKey(name)
	for {
		entry, err := d.registry.Get(ctx, key)
		if err != nil {
			return justchat.File{}, d.notRemoved(name, err)
		}
		file, err := d.files.read(entry.Value)
		switch {
		case owner == "": // also what cannot be read
		case err != nil:
			return file, err
		case names.Skeleton(file.Owner) != names.Skeleton(owner):
			return file, &loadbalancer.NotOwner{Name: file.Name, Owner: file.Owner}
		}
		revision, err := d.registry.Delete(ctx, key, entry.Revision)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return file, d.notRemoved(name, err)
		}
		d.answered(nil)
		d.written(Change{Entry{Key: key, Revision: revision}, true})
		return file, nil
	}
}

// notRemoved returns what a caller is told of a file that could not be removed.
func (d *Directory) notRemoved(name string, err error) error {
	if errors.Is(err, ErrNotFound) {
		d.answered(nil)
		return &justchat.NoSuchFile{File: name, Reason: "no public file has that name"}
	}
	return d.refused(removing, err)
}
