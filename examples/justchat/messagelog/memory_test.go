package messagelog

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
)

// A memory is a folder in memory, that can fail, and lose what was not synced.
type memory struct {
	mutex  sync.Mutex
	files  map[string]*memoryFile
	synced map[string]*memoryFile // when the folder was
	room   int64                  // -1 is unknown
	// fault is asked before each operation on a file or the folder; n is its offset or
	// size, if it has one. An error is the outcome, after written bytes of a write.
	fault func(op, name string, n int) (written int, err error)
}

type memoryFile struct {
	folder *memory
	name   string
	data   []byte
	synced []byte
}

func newMemory() *memory { return &memory{files: make(map[string]*memoryFile), room: -1} }

// set changes the faults, nil for none.
func (m *memory) set(fault func(op, name string, n int) (int, error)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.fault = fault
}

func (m *memory) ask(op, name string, n int) (int, error) {
	if m.fault == nil {
		return 0, nil
	}
	return m.fault(op, name, n)
}

// copy returns a folder with the same files, without faults.
func (m *memory) copy() *memory {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	c := newMemory()
	for name, f := range m.files {
		c.files[name] = &memoryFile{folder: c, name: name, data: slices.Clone(f.data), synced: slices.Clone(f.synced)}
	}
	return c
}

// afterPowerLoss returns a folder with what had been synced. The mutex is held.
func (m *memory) afterPowerLoss() *memory {
	c := newMemory()
	for name, f := range m.synced {
		c.files[name] = &memoryFile{folder: c, name: name, data: slices.Clone(f.synced), synced: slices.Clone(f.synced)}
	}
	c.synced = maps.Clone(c.files)
	return c
}

// content returns what is in a file, nil for none.
func (m *memory) content(name string) []byte {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if f := m.files[name]; f != nil {
		return slices.Clone(f.data)
	}
	return nil
}

// put makes a file, or changes it.
func (m *memory) put(name string, data []byte) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.files[name] = &memoryFile{folder: m, name: name, data: slices.Clone(data), synced: slices.Clone(data)}
}

func (m *memory) List() ([]string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, err := m.ask("list", "", 0); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(m.files)), nil
}

func (m *memory) Open(name string) (file, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, err := m.ask("open", name, 0); err != nil {
		return nil, err
	}
	f := m.files[name]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f, nil
}

func (m *memory) Create(name string) (file, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, err := m.ask("create", name, 0); err != nil {
		return nil, err
	}
	if m.files[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	f := &memoryFile{folder: m, name: name}
	m.files[name] = f
	return f, nil
}

func (m *memory) Rename(old, new string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, err := m.ask("rename", old, 0); err != nil {
		return err
	}
	f := m.files[old]
	if f == nil {
		return fs.ErrNotExist
	}
	delete(m.files, old)
	m.files[new] = f
	f.name = new
	return nil
}

func (m *memory) Remove(name string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, err := m.ask("remove", name, 0); err != nil {
		return err
	}
	if m.files[name] == nil {
		return fs.ErrNotExist
	}
	delete(m.files, name)
	return nil
}

func (m *memory) Sync() error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, err := m.ask("sync folder", "", 0); err != nil {
		return err
	}
	m.synced = maps.Clone(m.files)
	return nil
}

func (m *memory) Free() (int64, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.room, nil
}

func (f *memoryFile) ReadAt(buf []byte, offset int64) (int, error) {
	f.folder.mutex.Lock()
	defer f.folder.mutex.Unlock()
	if n, err := f.folder.ask("read", f.name, int(offset)); err != nil {
		return copy(buf[:min(n, len(buf))], f.data[offset:]), err
	}
	if offset > int64(len(f.data)) {
		return 0, io.EOF
	}
	return bytes.NewReader(f.data).ReadAt(buf, offset)
}

func (f *memoryFile) WriteAt(data []byte, offset int64) (int, error) {
	f.folder.mutex.Lock()
	defer f.folder.mutex.Unlock()
	n, err := f.folder.ask("write", f.name, len(data))
	if err == nil {
		n = len(data)
	}
	if errors.Is(err, errShort) {
		err = nil
	}
	if grow := int(offset) + n - len(f.data); grow > 0 {
		f.data = append(f.data, make([]byte, grow)...)
	}
	copy(f.data[offset:], data[:n])
	return n, err
}

// errShort is a write that writes less, and says no more than that.
var errShort = errors.New("short")

func (f *memoryFile) Size() (int64, error) {
	f.folder.mutex.Lock()
	defer f.folder.mutex.Unlock()
	return int64(len(f.data)), nil
}

func (f *memoryFile) Truncate(size int64) error {
	f.folder.mutex.Lock()
	defer f.folder.mutex.Unlock()
	if _, err := f.folder.ask("truncate", f.name, int(size)); err != nil {
		return err
	}
	f.data = f.data[:size]
	return nil
}

func (f *memoryFile) Sync() error {
	f.folder.mutex.Lock()
	defer f.folder.mutex.Unlock()
	if _, err := f.folder.ask("sync", f.name, 0); err != nil {
		return err
	}
	f.synced = slices.Clone(f.data)
	return nil
}

func (f *memoryFile) Close() error { return nil }
