package transfer

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain is a process that receives until it is killed, if TestKill has started it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("TRANSFER_RECEIVE_IN"); dir != "" {
		receiveUntilKilled(dir)
	}
	runtimetest.Main(m)
}

// content returns bytes that are always the same, of that many.
func content(size int) []byte {
	data := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(data)
	return data
}

func infoOf(name string, data []byte) Info {
	return Info{Name: name, Size: int64(len(data)), Sum: sha256.Sum256(data)}
}

// pieces yields data in pieces of an odd size, all in one buffer that is spoilt afterwards, and then err, if there is one.
func pieces(data []byte, err error) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buf := make([]byte, 4001)
		for chunk := range slices.Chunk(data, len(buf)) {
			n := copy(buf, chunk)
			if !yield(buf[:n], nil) {
				return
			}
			clear(buf)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func openFolder(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func begin(t testing.TB, f *Folder, info Info) *Incoming {
	t.Helper()
	in, err := f.Receive(info)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func add(t testing.TB, in *Incoming, data []byte) {
	t.Helper()
	if err := in.Append(pieces(data, nil)); err != nil {
		t.Fatal(err)
	}
}

// receive has a folder receive a file, and returns its name there.
func receive(t testing.TB, f *Folder, name string, data []byte) string {
	t.Helper()
	in := begin(t, f, infoOf(name, data))
	add(t, in, data[in.Done():])
	path, err := in.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(path)
}

// wantFiles has all that is in a folder compared, the hidden one too.
func wantFiles(t testing.TB, dir string, want map[string][]byte) {
	t.Helper()
	got := make(map[string][]byte)
	for _, sub := range []string{"", hidden} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if entry.Name() == hidden {
				continue
			}
			data, err := os.ReadFile(filepath.Join(dir, sub, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			got[filepath.Join(sub, entry.Name())] = data
		}
	}
	for name, data := range got {
		if other, ok := want[name]; !ok || !bytes.Equal(data, other) {
			t.Errorf("got %s with %d bytes %.20x, want %s", name, len(data), data, wanted(other, ok))
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("got no %s", name)
		}
	}
}

func wanted(data []byte, ok bool) string {
	if !ok {
		return "no such file"
	}
	return fmt.Sprintf("%d bytes %.20x", len(data), data)
}
