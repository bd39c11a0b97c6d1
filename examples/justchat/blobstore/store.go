package blobstore

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/ondisk"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
)

// Options are settings. The zero value of each is its default.
type Options struct {
	Quota   int64 // bytes that all files together may have, those that are being received too; 16 GiB
	Reserve int64 // bytes of the disk that are left free; 256 MiB
	Logger  *slog.Logger
}

func (o Options) withDefaults() Options {
	o.Quota = cmp.Or(o.Quota, 16<<30)
	o.Reserve = cmp.Or(o.Reserve, 256<<20)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o
}

// A Store is a folder of blobs. Its methods may be called at once; one process has it open at a time.
type Store struct {
	options Options
	lock    *os.File
	folder  *transfer.Folder
	root    *os.Root // of the folder

	mu    sync.Mutex
	blobs map[transfer.Sum]Blob
	used  int64                  // bytes of the blobs
	busy  map[transfer.Sum]int64 // bytes to come of what is being received; 0 for what is being removed
}

// A Blob is what is kept.
type Blob struct {
	Sum   transfer.Sum
	Size  int64
	Since time.Time // when it was last to be received, whether it was there already or not; after a restart, when it was written
}

// ErrQuota is why nothing more is taken. ErrNotFound says that the store has no such blob.
var (
	ErrQuota    = errors.New("its room for files is used up")
	ErrNotFound = errors.New("it is not kept here")
)

// Open opens a store, and makes it if need be. It fails if another process has it open.
func Open(dir string, options Options) (*Store, error) {
	if err := ondisk.MakeFolder(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := ondisk.LockFolder(dir, "store of files")
	if err != nil {
		return nil, err
	}
	s := &Store{options: options.withDefaults(), lock: lock, blobs: make(map[transfer.Sum]Blob), busy: make(map[transfer.Sum]int64)}
	if s.folder, err = transfer.OpenFolder(dir); err == nil {
		s.folder.Reserve = s.options.Reserve
		if s.root, err = os.OpenRoot(dir); err == nil {
			err = s.load()
		}
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("the store of files in %q: %w", dir, err)
	}
	return s, nil
}

// load reads which blobs there are.
func (s *Store) load() error {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		sum, ok := sumOf(entry.Name())
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		s.add(Blob{Sum: sum, Size: info.Size(), Since: info.ModTime()})
	}
	s.options.Logger.Info("the files that are kept here", slog.Int("files", len(s.blobs)), slog.Int64("bytes", s.used))
	return nil
}

// add has a blob be kept, whose file is on the disk. Nothing is set aside for it then.
func (s *Store) add(blob Blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, blob.Sum)
	s.used += blob.Size
	s.blobs[blob.Sum] = blob
}

// renew has a blob that is kept be as if it came now, so that it is not taken for an old one before a name is bound to it.
func (s *Store) renew(sum transfer.Sum) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	blob, ok := s.blobs[sum]
	if !ok {
		return ErrNotFound
	}
	blob.Since = time.Now()
	s.blobs[sum] = blob
	return nil
}

func nameOf(sum transfer.Sum) string { return hex.EncodeToString(sum[:]) }

func sumOf(name string) (transfer.Sum, bool) {
	bytes, err := hex.DecodeString(name)
	if err != nil || len(bytes) != len(transfer.Sum{}) {
		return transfer.Sum{}, false
	}
	sum := transfer.Sum(bytes)
	return sum, nameOf(sum) == name
}

// Close closes the store. No blob is being received or read then.
func (s *Store) Close() error {
	var errs []error
	if s.root != nil {
		errs = append(errs, s.root.Close())
	}
	if s.folder != nil {
		errs = append(errs, s.folder.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// Has returns the blob of that sum, if it is kept.
func (s *Store) Has(sum transfer.Sum) (Blob, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	blob, ok := s.blobs[sum]
	return blob, ok
}

// All yields all blobs, in no order, that are kept when it begins.
func (s *Store) All() iter.Seq[Blob] {
	return func(yield func(Blob) bool) {
		s.mu.Lock()
		blobs := slices.Collect(maps.Values(s.blobs))
		s.mu.Unlock()
		for _, blob := range blobs {
			if !yield(blob) {
				return
			}
		}
	}
}

// Sweep removes what earlier tries have left and nobody has gone on with for that long.
func (s *Store) Sweep(age time.Duration) error { return s.folder.Sweep(age) }

// Used returns how many bytes the blobs have together, and Quota how many they may have.
func (s *Store) Used() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

func (s *Store) Quota() int64 { return s.options.Quota }

// Pieces yields a blob from an offset on. A piece is good until the next is asked for. It fails with ErrNotFound. A blob that is removed
// meanwhile is read to its end.
func (s *Store) Pieces(sum transfer.Sum, offset int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		source, err := s.open(sum)
		if err != nil {
			yield(nil, err)
			return
		}
		defer source.Close()
		source.Pieces(offset)(yield)
	}
}

func (s *Store) open(sum transfer.Sum) (*transfer.Source, error) {
	if _, ok := s.Has(sum); !ok {
		return nil, ErrNotFound
	}
	file, err := s.root.Open(nameOf(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound // removed meanwhile
	}
	if err != nil {
		return nil, err
	}
	return transfer.NewSource(file)
}

// Remove removes a blob; one that is not there is no error.
func (s *Store) Remove(sum transfer.Sum) error {
	s.mu.Lock()
	blob, ok := s.blobs[sum]
	if ok {
		delete(s.blobs, sum)
		s.used -= blob.Size
		s.busy[sum] = 0
	}
	s.mu.Unlock()
	if !ok {
		return nil
	}
	err := s.root.Remove(nameOf(sum))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, sum)
	if err != nil { // it still takes room
		s.blobs[sum] = blob
		s.used += blob.Size
	}
	return err
}
