package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openSource(t testing.TB, path string) *Source {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// read puts pieces together, up to an error.
func read(t testing.TB, pieces iter.Seq2[[]byte, error]) (data []byte, err error) {
	t.Helper()
	for piece, err := range pieces {
		if err != nil {
			return data, err
		}
		if len(piece) == 0 || len(piece) > PieceSize {
			t.Errorf("got a piece of %d bytes", len(piece))
		}
		data = append(data, piece...)
	}
	return data, nil
}

func TestSource(t *testing.T) {
	dir := t.TempDir()
	for _, size := range []int{0, 1, PieceSize, 9<<20 + 1} {
		data := content(size)
		s := openSource(t, write(t, filepath.Join(dir, "U\u0308.png"), data))
		if s.Name() != "Ü.png" || s.Size() != int64(size) {
			t.Errorf("got %q, %d, want Ü.png, %d", s.Name(), s.Size(), size)
		}
		var said []int64
		sum, err := s.Sum(t.Context(), func(done int64) { said = append(said, done) })
		if err != nil || sum != sha256.Sum256(data) {
			t.Errorf("got %x, %v, want %x", sum, err, sha256.Sum256(data))
		}
		if size > 0 && (said[len(said)-1] != int64(size) || len(said) > 3) {
			t.Errorf("got the progress %d, want it to end at %d", said, size)
		}
		for _, offset := range []int{0, size / 3, size} {
			if got, err := read(t, s.Pieces(int64(offset))); err != nil || !bytes.Equal(got, data[offset:]) {
				t.Errorf("from %d of %d on: got %d bytes, %v", offset, size, len(got), err)
			}
		}
		for _, offset := range []int64{-1, int64(size) + 1} {
			if got, err := read(t, s.Pieces(offset)); err == nil {
				t.Errorf("from %d of %d on: got %d bytes, want an error", offset, size, len(got))
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	layPipe(t, pipe, "")
	for path, want := range map[string]error{dir: ErrFolder, pipe: ErrNoFile, os.DevNull: ErrNoFile, filepath.Join(dir, "x"): fs.ErrNotExist} {
		if _, err := Open(path); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
	folder, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewSource(folder); !errors.Is(err, ErrFolder) {
		t.Errorf("got %v, want %v", err, ErrFolder)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(write(t, filepath.Join(dir, "a"), []byte("x")), link); err != nil {
		t.Fatal(err)
	}
	if s := openSource(t, link); s.Name() != "link" || s.Size() != 1 {
		t.Errorf("got %q, %d, want link, 1", s.Name(), s.Size())
	}
}

// TestChanged has a file changed in the middle of being read, in each way.
func TestChanged(t *testing.T) {
	data := content(10 * PieceSize)
	for what, test := range map[string]struct {
		change func(path string) error
		want   error
	}{
		"shorter": {func(path string) error { return os.Truncate(path, PieceSize+1) }, ErrChanged},
		"empty":   {func(path string) error { return os.Truncate(path, 0) }, ErrChanged},
		"longer":  {func(path string) error { return os.Truncate(path, 11*PieceSize) }, ErrChanged},
		"touched": {func(path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return os.Chtimes(path, info.ModTime(), info.ModTime().Add(1e9))
		}, ErrChanged},
		"replaced": {func(path string) error { return os.Rename(write(t, path+"2", nil), path) }, nil},
		"removed":  {os.Remove, nil},
	} {
		t.Run(what, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "a"), data)
			s, before, calls := openSource(t, path), 0, 0
			for piece, err := range s.Pieces(0) {
				if err != nil {
					if !errors.Is(err, test.want) {
						t.Errorf("got %v, want %v", err, test.want)
					}
					break
				}
				if before += len(piece); before == PieceSize {
					if err := test.change(path); err != nil {
						t.Fatal(err)
					}
				}
				calls++
			}
			if want := map[bool]int{true: 10, false: 1}[test.want == nil]; calls != want {
				t.Errorf("got %d pieces, want %d", calls, want)
			}
			if _, err := s.Sum(t.Context(), nil); !errors.Is(err, test.want) {
				t.Errorf("Sum: got %v, want %v", err, test.want)
			}
			if _, err := read(t, s.Pieces(s.Size())); !errors.Is(err, test.want) {
				t.Errorf("at the end: got %v, want %v", err, test.want)
			}
		})
	}
}

// TestMadeUp opens a file that says that it is empty, and is not.
func TestMadeUp(t *testing.T) {
	const path = "/proc/self/status"
	if _, err := os.Stat(path); err != nil {
		t.Skip("this system has no such file")
	}
	if _, err := Open(path); !errors.Is(err, ErrNoFile) {
		t.Errorf("got %v, want %v", err, ErrNoFile)
	}
}

func TestSourceEnds(t *testing.T) {
	s := openSource(t, write(t, filepath.Join(t.TempDir(), "a"), content(10*PieceSize)))
	why := errors.New("she thought better of it")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := s.Sum(ctx, nil); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
	n := 0
	for _, err := range s.Pieces(0) {
		if n++; n == 2 {
			if !errors.Is(err, fs.ErrClosed) || strings.Contains(err.Error(), filepath.Dir(s.file.Name())) {
				t.Errorf("got %v, want %v, and not where the file is: others are told", err, fs.ErrClosed)
			}
			break
		}
		s.Close()
	}
}
