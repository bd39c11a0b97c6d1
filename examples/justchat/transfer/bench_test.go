package transfer

import (
	"bytes"
	"crypto/sha256"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const benchSize = 256 << 20

// sameAgain yields a file of benchSize bytes, which are one piece again and again.
func sameAgain(piece []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for range benchSize / len(piece) {
			if !yield(piece, nil) {
				return
			}
		}
	}
}

// BenchmarkAppend receives 256 MiB, hashed and on the disk for good, and compares that with a plain io.Copy of the same into a file,
// also synced, and not hashed.
func BenchmarkAppend(b *testing.B) {
	piece, hash := content(PieceSize), sha256.New()
	for piece := range sameAgain(piece) {
		hash.Write(piece)
	}
	info := Info{Name: "a", Size: benchSize, Sum: Sum(hash.Sum(nil))}
	f := openFolder(b, b.TempDir())
	b.SetBytes(benchSize)
	var append, commit, plain time.Duration
	for b.Loop() {
		start := time.Now()
		in := begin(b, f, info)
		if err := in.Append(sameAgain(piece)); err != nil {
			b.Fatal(err)
		}
		append += time.Since(start)
		path, err := in.Commit()
		if err != nil {
			b.Fatal(err)
		}
		commit += time.Since(start)

		b.StopTimer()
		os.Remove(path)
		plain += copyPlainly(b, piece)
		b.StartTimer()
	}
	b.ReportMetric(append.Seconds()/float64(b.N), "s/append")
	b.ReportMetric((commit-append).Seconds()/float64(b.N), "s/commit")
	b.ReportMetric(commit.Seconds()/plain.Seconds(), "x-copy")
}

func copyPlainly(b *testing.B, piece []byte) time.Duration {
	file, err := os.Create(filepath.Join(b.TempDir(), "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	readers := make([]io.Reader, benchSize/len(piece))
	for i := range readers {
		readers[i] = bytes.NewReader(piece)
	}
	start := time.Now()
	if _, err := io.Copy(struct{ io.Writer }{file}, io.MultiReader(readers...)); err != nil {
		b.Fatal(err)
	}
	if err := file.Sync(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
