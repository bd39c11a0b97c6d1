// Package registrytest says by tests what a registry.Registry is, for whoever
// writes one.
package registrytest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
)

// A Suite is a Registry to be tested.
type Suite struct {
	// Each runs a test, with a function that returns one more way to the same
	// registry, which is empty at first. Memory's tests run in a bubble of testing/synctest.
	Each func(t *testing.T, test func(t *testing.T, open func() registry.Registry))
	// Forget makes a registry forget the changes so far.
	Forget func(t *testing.T, r registry.Registry)
	// Life is the shortest that a lease can have.
	Life time.Duration
}

// Run runs all tests.
func (s Suite) Run(t *testing.T) {
	for _, test := range []struct {
		name string
		test func(*testing.T, func() registry.Registry)
	}{
		{"Entries", s.entries},
		{"List", s.list},
		{"Races", s.races},
		{"Counter", s.counter},
		{"Watch", s.watch},
		{"WatchForgotten", s.watchForgotten},
		{"WatchEnds", s.watchEnds},
		{"LeaseClosed", s.leaseClosed},
		{"LeaseAbandoned", s.leaseAbandoned},
		{"LeaseTakenOver", s.leaseTakenOver},
		{"Closed", s.closed},
	} {
		t.Run(test.name, func(t *testing.T) { s.Each(t, test.test) })
	}
}

// is fails the test unless the error is the wanted one.
func is(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: got error %v, want %v", what, got, want)
	}
}

// text is an entry on one line.
func text(entries ...registry.Entry) string {
	var parts []string
	for _, entry := range entries {
		parts = append(parts, entry.Key+"="+string(entry.Value))
	}
	return strings.Join(parts, " ")
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func create(t *testing.T, r registry.Registry, key, value string, lease registry.Lease) int64 {
	t.Helper()
	revision, err := r.Create(t.Context(), key, []byte(value), lease)
	is(t, "create "+key, err, nil)
	return revision
}

func (s Suite) entries(t *testing.T, open func() registry.Registry) {
	r, ctx := open(), t.Context()
	_, err := r.Get(ctx, "a")
	is(t, "get what was never there", err, registry.ErrNotFound)
	first := create(t, r, "a", "1", nil)
	_, err = r.Create(ctx, "a", []byte("2"), nil)
	is(t, "create what is there", err, registry.ErrExists)
	entry, err := r.Get(ctx, "a")
	is(t, "get", err, nil)
	equal(t, "created", fmt.Sprint(text(entry), entry.Revision), fmt.Sprint("a=1", first))

	second, err := r.Replace(ctx, "a", first, []byte("2"), nil)
	is(t, "replace", err, nil)
	equal(t, "a later revision", second > first, true)
	_, err = r.Replace(ctx, "a", first, []byte("3"), nil)
	is(t, "replace what has changed", err, registry.ErrChanged)
	_, err = r.Replace(ctx, "b", first, []byte("3"), nil)
	is(t, "replace what was never there", err, registry.ErrChanged)
	entry, err = open().Get(ctx, "a")
	is(t, "get elsewhere", err, nil)
	equal(t, "replaced", fmt.Sprint(text(entry), entry.Revision), fmt.Sprint("a=2", second))

	_, err = r.Delete(ctx, "a", first)
	is(t, "delete what has changed", err, registry.ErrChanged)
	third, err := r.Delete(ctx, "a", second)
	is(t, "delete", err, nil)
	equal(t, "a later revision", third > second, true)
	_, err = r.Delete(ctx, "a", second)
	is(t, "delete what is gone, of a revision", err, registry.ErrChanged)
	_, err = r.Delete(ctx, "a", 0)
	is(t, "delete what is gone", err, registry.ErrNotFound)
	_, err = r.Replace(ctx, "a", second, []byte("3"), nil)
	is(t, "replace what is gone", err, registry.ErrChanged)

	create(t, r, "a", "", nil)
	entry, err = r.Get(ctx, "a")
	is(t, "get what is empty", err, nil)
	equal(t, "empty", text(entry), "a=")
	_, err = r.Delete(ctx, "a", 0)
	is(t, "delete of any revision", err, nil)
}

func (s Suite) list(t *testing.T, open func() registry.Registry) {
	r, ctx := open(), t.Context()
	entries, _, err := r.List(ctx, "")
	is(t, "list what is empty", err, nil)
	equal(t, "entries", text(entries...), "")
	var last int64
	for _, key := range []string{"b/2", "b/1", "a", "b", "c\xff\xff", "c\xff"} {
		last = create(t, r, key, "x", nil)
	}
	for prefix, want := range map[string]string{
		"b/": "b/1=x b/2=x", "b": "b=x b/1=x b/2=x", "d": "", "": "a=x b=x b/1=x b/2=x c\xff=x c\xff\xff=x", "c\xff": "c\xff=x c\xff\xff=x",
	} {
		entries, revision, err := r.List(ctx, prefix)
		is(t, "list "+prefix, err, nil)
		equal(t, fmt.Sprintf("list %q", prefix), text(entries...), want)
		equal(t, "revision", revision, last)
	}
	var wait sync.WaitGroup
	for worker := range 20 { // more than one page, where there are pages
		wait.Go(func() {
			for i := range 55 {
				if _, err := r.Create(ctx, fmt.Sprintf("many/%04d", 55*worker+i), []byte("x"), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	entries, revision, err := r.List(ctx, "many/")
	is(t, "list many", err, nil)
	equal(t, "count", len(entries), 1100)
	equal(t, "revision", revision, last+1100)
	equal(t, "last", text(entries[1099]), "many/1099=x")
	if !slices.IsSortedFunc(entries, func(a, b registry.Entry) int { return strings.Compare(a.Key, b.Key) }) {
		t.Error("the entries do not come by key")
	}
}

// races has four create each of some keys, over three ways to the registry, at a few keys at once.
func (s Suite) races(t *testing.T, open func() registry.Registry) {
	ways := []registry.Registry{open(), open(), open()}
	races, atOnce := 200, 8
	if testing.Short() {
		races = 20
	}
	var wait sync.WaitGroup
	for first := range atOnce {
		wait.Go(func() {
			for race := first; race < races; race += atOnce {
				if err := raceFor(t.Context(), fmt.Sprint("race/", race), ways); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// raceFor has four create a key, and says what is wrong with who has won.
func raceFor(ctx context.Context, key string, ways []registry.Registry) error {
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wait.Go(func() { _, errs[i] = ways[i%len(ways)].Create(ctx, key, fmt.Append(nil, i), nil) })
	}
	wait.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			return fmt.Errorf("%s: got two winners, %d and %d, want one", key, winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, registry.ErrExists):
			return fmt.Errorf("%s: got error %w, want %w", key, err, registry.ErrExists)
		}
	}
	for _, way := range ways {
		entry, err := way.Get(ctx, key)
		if err != nil || string(entry.Value) != fmt.Sprint(winner) {
			return fmt.Errorf("%s: got %q, %v, want the winner's, %d", key, entry.Value, err, winner)
		}
	}
	return nil
}

// counter has several raise one number by compare and swap.
func (s Suite) counter(t *testing.T, open func() registry.Registry) {
	create(t, open(), "n", "", nil)
	var wait sync.WaitGroup
	for range 4 {
		r := open()
		wait.Go(func() {
			for range 10 {
				for {
					entry, err := r.Get(t.Context(), "n")
					if err == nil {
						_, err = r.Replace(t.Context(), "n", entry.Revision, append(slices.Clone(entry.Value), '.'), nil)
					}
					if err == nil {
						break
					}
					if !errors.Is(err, registry.ErrChanged) {
						t.Errorf("got error %v, want %v", err, registry.ErrChanged)
						return
					}
				}
			}
		})
	}
	wait.Wait()
	entry, err := open().Get(t.Context(), "n")
	is(t, "get", err, nil)
	equal(t, "count", len(entry.Value), 40)
}

// watching is a watch whose changes come by a channel.
func watching(t *testing.T, r registry.Registry, prefix string, after int64) (next func() string) {
	ctx, cancel := context.WithCancel(t.Context())
	lines := make(chan string)
	var wait sync.WaitGroup
	wait.Go(func() {
		for change, err := range r.Watch(ctx, prefix, after) {
			line := text(change.Entry)
			switch {
			case err != nil:
				line = kindOf(err)
			case change.Deleted:
				line = change.Key + " gone"
			}
			select {
			case lines <- line:
			case <-ctx.Done():
			}
		}
	})
	t.Cleanup(func() { cancel(); wait.Wait() })
	return func() string {
		select {
		case line := <-lines:
			return line
		case <-time.After(20 * time.Second):
			return "nothing for 20 seconds"
		}
	}
}

// kindOf returns the error that err is one of, as Registry names them.
func kindOf(err error) string {
	for _, kind := range []error{registry.ErrCompacted, registry.ErrNoQuorum} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	return err.Error()
}
