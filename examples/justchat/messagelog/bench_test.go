package messagelog

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkAppend's op is a record, acknowledged after the fsync of a real disk, asked
// for by so many at once.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 20, 200} {
		b.Run(strconv.Itoa(callers), func(b *testing.B) {
			l, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			var number atomic.Uint64
			var group sync.WaitGroup
			b.ResetTimer()
			for range callers {
				group.Go(func() {
					for {
						n := number.Add(1)
						if n > uint64(b.N) {
							return
						}
						if err := l.Append(context.Background(), record("a.1", n)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkOpen's op reads back a log of 1,000,000 small records.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	const count, origins = 1_000_000, 5
	fill(b, dir, count, origins)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		l, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if got := l.index.order.count; got != count {
			b.Fatalf("got %d records, want %d", got, count)
		}
		l.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/count, "B/record")
}

// fill makes a log of so many records.
func fill(b *testing.B, dir string, count, origins int) {
	l, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for n := 1; n <= count/origins; n += 1000 {
		for o := range origins {
			mustAppend(b, l, records(fmt.Sprintf("%016x.1", o), uint64(n), uint64(n+999))...)
		}
	}
}

// BenchmarkHistory's op is a screen of 100 records, from disk.
func BenchmarkHistory(b *testing.B) {
	dir := b.TempDir()
	fill(b, dir, 100_000, 5)
	l, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for b.Loop() {
		if got, err := l.Before(record("x", 10_000), 100); err != nil || len(got) != 100 {
			b.Fatal(len(got), err)
		}
	}
}

// BenchmarkSearch's op is a search through 100,000 records that finds nothing.
func BenchmarkSearch(b *testing.B) {
	dir := b.TempDir()
	fill(b, dir, 100_000, 5)
	l, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for b.Loop() {
		if got, err := l.Search(b.Context(), []string{"nothing like this"}, 10); err != nil || len(got) != 0 {
			b.Fatal(len(got), err)
		}
	}
}
