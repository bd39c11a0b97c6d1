package blobstore

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

func open(t testing.TB, dir string, options Options) *Store {
	t.Helper()
	s, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// content returns bytes that are the same for the same seed and size.
func content(seed byte, size int) ([]byte, transfer.Sum) {
	data := make([]byte, size)
	random := rand.NewChaCha8([32]byte{seed})
	random.Read(data)
	return data, sha256.Sum256(data)
}

func piece(data []byte) iter.Seq2[[]byte, error] { return runtimetest.Stream(nil, data) }

func begin(t testing.TB, s *Store, sum transfer.Sum, size int) *Incoming {
	t.Helper()
	in, err := s.Receive(sum, int64(size))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// put has a store keep bytes.
func put(t testing.TB, s *Store, data []byte) transfer.Sum {
	t.Helper()
	sum := transfer.Sum(sha256.Sum256(data))
	in := begin(t, s, sum, len(data))
	if err := in.Append(piece(data[in.Done():])); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	return sum
}

func get(s *Store, sum transfer.Sum, offset int64) (data []byte, err error) {
	for piece, err := range s.Pieces(sum, offset) {
		if err != nil {
			return data, err
		}
		data = append(data, piece...)
	}
	return data, nil
}

// want has a store compared with what it is to keep.
func want(t testing.TB, s *Store, blobs ...[]byte) {
	t.Helper()
	n, used := 0, int64(0)
	for range s.All() {
		n++
	}
	for _, data := range blobs {
		used += int64(len(data))
		sum := transfer.Sum(sha256.Sum256(data))
		blob, ok := s.Has(sum)
		if !ok || blob.Sum != sum || blob.Size != int64(len(data)) || time.Since(blob.Since) > time.Hour {
			t.Errorf("got %v, %t, want one of %d bytes", blob, ok, len(data))
		}
		for _, offset := range []int{0, len(data) / 2, len(data)} {
			if got, err := get(s, sum, int64(offset)); err != nil || !bytes.Equal(got, data[offset:]) {
				t.Errorf("got %d bytes, %v, want %d", len(got), err, len(data)-offset)
			}
		}
	}
	if n != len(blobs) || s.Used() != used {
		t.Errorf("got %d blobs of %d bytes, want %d of %d", n, s.Used(), len(blobs), used)
	}
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	s := open(t, dir, Options{})
	a, _ := content(1, 200_000)
	b, gone := content(2, 10)
	put(t, s, a)
	put(t, s, b)
	put(t, s, nil)
	put(t, s, a) // once more is no other
	want(t, s, a, b, nil)
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("the second: got %v, want it refused", err)
	}
	s.Close()
	s = open(t, dir, Options{})
	want(t, s, a, b, nil)
	for range 2 {
		if err := s.Remove(gone); err != nil {
			t.Error(err)
		}
	}
	want(t, s, a, nil)
	if _, err := get(s, gone, 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want %v", err, ErrNotFound)
	}
	put(t, s, b)
	want(t, s, a, b, nil)
	s.Remove(gone)
	s.Close()
	want(t, open(t, dir, Options{}), a, nil)
}

// TestSince has what is received again be new, and what lay there when the store was opened be as old as it is.
func TestSince(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	data, sum := content(1, 10)
	put(t, s, data)
	s.Close()
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, nameOf(sum)), old, old); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	if blob, _ := s.Has(sum); blob.Since.Sub(old).Abs() > time.Second {
		t.Errorf("got %v, want %v", blob.Since, old)
	}
	put(t, s, data)
	want(t, s, data)
}

// TestRemovedWhileRead has a reader get all of what is removed.
func TestRemovedWhileRead(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	data, sum := content(1, 10*transfer.PieceSize)
	put(t, s, data)
	var got []byte
	for piece, err := range s.Pieces(sum, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			if err := s.Remove(sum); err != nil {
				t.Fatal(err)
			}
			want(t, s)
		}
		got = append(got, piece...)
	}
	if !bytes.Equal(got, data) {
		t.Errorf("got %d bytes, want %d", len(got), len(data))
	}
}

// TestResumed has a blob broken off, the store opened again, and the rest come.
func TestResumed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	data, sum := content(1, 100_000)
	in := begin(t, s, sum, len(data))
	broken := errors.New("the line broke")
	if err := in.Append(runtimetest.Stream(broken, data[:30_000])); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	want(t, s)
	if _, err := s.Receive(sum, int64(len(data))); !errors.Is(err, transfer.ErrBusy) {
		t.Errorf("got %v, want %v", err, transfer.ErrBusy)
	}
	in.Close()
	s.Close()
	s = open(t, dir, Options{})
	if in = begin(t, s, sum, len(data)); in.Done() != 30_000 {
		t.Errorf("got %d, want 30000", in.Done())
	}
	if err := in.Append(piece(data[30_000:])); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	want(t, s, data)
}

// TestLies has what is not what its sum says be not kept, and what it took be free again.
func TestLies(t *testing.T) {
	s := open(t, t.TempDir(), Options{Quota: 100})
	data, sum := content(1, 100)
	other, _ := content(2, 101)
	for _, sent := range [][]byte{other[:100], data[:99], other, nil} {
		in := begin(t, s, sum, len(data))
		in.Append(piece(sent))
		if err := in.Commit(); !errors.Is(err, transfer.ErrWrong) {
			t.Errorf("%d bytes: got %v, want %v", len(sent), err, transfer.ErrWrong)
		}
		want(t, s)
	}
	put(t, s, data)
	if _, err := s.Receive(sum, 99); !errors.Is(err, transfer.ErrWrong) {
		t.Errorf("another size: got %v, want %v", err, transfer.ErrWrong)
	}
	in := begin(t, s, sum, len(data))
	if err := in.Append(piece(data)); !errors.Is(err, transfer.ErrWrong) || in.Done() != 100 {
		t.Errorf("what is kept once more: got %v, %d, want %v, 100", err, in.Done(), transfer.ErrWrong)
	}
	s.Remove(sum)
	if err := in.Commit(); !errors.Is(err, ErrNotFound) {
		t.Errorf("what was removed meanwhile: got %v, want %v", err, ErrNotFound)
	}
}

func TestQuota(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{Quota: 100})
	if got := s.Quota(); got != 100 {
		t.Errorf("got %d, want 100", got)
	}
	kept, _ := content(1, 50)
	put(t, s, kept)
	data, sum := content(2, 40)
	in := begin(t, s, sum, len(data))
	other, otherSum := content(3, 20)
	for _, size := range []int64{11, 20, 1<<63 - 1} {
		if _, err := s.Receive(otherSum, size); !errors.Is(err, ErrQuota) {
			t.Errorf("%d: got %v, want %v", size, err, ErrQuota)
		}
	}
	if err := in.Append(piece(data[:39])); err != nil {
		t.Fatal(err)
	}
	in.Close()
	left := func() int {
		entries, err := os.ReadDir(filepath.Join(dir, ".justchat"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if got := left(); got != 1 {
		t.Errorf("got %d unfinished, want 1", got)
	}
	put(t, s, other) // which takes the room of what was left
	if got := left(); got != 0 {
		t.Errorf("got %d unfinished, want none", got)
	}
	want(t, s, kept, other)
	if _, err := s.Receive(sum, -1); err == nil {
		t.Error("got less than nothing received")
	}
	s.Close()
	s = open(t, dir, Options{Reserve: 1 << 60})
	_, err := s.Receive(sum, 1)
	if disk := new(transfer.DiskError); !errors.As(err, &disk) {
		t.Errorf("with a reserve: got %v, want a *transfer.DiskError", err)
	}
	want(t, s, kept, other)
}

// TestForeign has what is not a blob in the folder not be taken for one, nor followed.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	data, sum := content(1, 10)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, nameOf(sum))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"readme", strings.ToUpper(nameOf(sum)), nameOf(sum)[1:]} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir, Options{})
	want(t, s)
	in := begin(t, s, sum, len(data))
	if err := in.Append(piece(data)); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("got %v, want it said that the name is taken", err)
	}
	want(t, s)
	if err := os.Remove(filepath.Join(dir, nameOf(sum))); err != nil {
		t.Fatal(err)
	}
	put(t, s, data)
	want(t, s, data)
	if got, err := os.ReadFile(secret); err != nil || string(got) != "mine" {
		t.Errorf("got %q, %v, want it as it was", got, err)
	}
}

// TestAtOnce has the same blobs received, read and removed by many.
func TestAtOnce(t *testing.T) {
	s := open(t, t.TempDir(), Options{Quota: 1 << 20})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 40 {
				data, sum := content(byte((n+i)%5), 50_000)
				in, err := s.Receive(sum, 50_000)
				if err == nil {
					if err = in.Append(piece(data[in.Done():])); err == nil {
						err = in.Commit()
					}
					in.Close()
				}
				if err != nil && !errors.Is(err, transfer.ErrBusy) && !errors.Is(err, ErrNotFound) {
					t.Error(err)
				}
				if got, err := get(s, sum, 0); !errors.Is(err, ErrNotFound) && (err != nil || !bytes.Equal(got, data)) {
					t.Errorf("got %d bytes, %v", len(got), err)
				}
				if n%3 == 0 {
					if err := s.Remove(sum); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	var kept [][]byte
	for seed := range 5 {
		data, sum := content(byte(seed), 50_000)
		s.Remove(sum)
		put(t, s, data)
		kept = append(kept, data)
	}
	want(t, s, kept...)
}
