package registrytest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
)

func (s Suite) watch(t *testing.T, open func() registry.Registry) {
	r, ctx := open(), t.Context()
	create(t, r, "a/before", "x", nil)
	after := create(t, r, "a/1", "x", nil)
	second, err := r.Replace(ctx, "a/1", after, []byte("y"), nil)
	is(t, "replace", err, nil)
	next := watching(t, r, "a/", after)
	equal(t, "of the past", next(), "a/1=y")
	_, err = r.Delete(ctx, "a/1", second)
	is(t, "delete", err, nil)
	create(t, r, "b/1", "x", nil)
	last := create(t, open(), "a/1", "z", nil)
	equal(t, "deleted", next(), "a/1 gone")
	equal(t, "made elsewhere", next(), "a/1=z")
	for i := range 50 {
		last = create(t, r, fmt.Sprint("a/many/", i), "x", nil)
	}
	for i := range 50 {
		equal(t, "one of many", next(), fmt.Sprint("a/many/", i, "=x"))
	}
	revision := func() (revision int64) {
		for change, err := range r.Watch(ctx, "a/many/49", 0) {
			is(t, "watch from the beginning", err, nil)
			return change.Revision
		}
		return 0
	}()
	equal(t, "revision", revision, last)
}

func (s Suite) watchForgotten(t *testing.T, open func() registry.Registry) {
	r := open()
	first := create(t, r, "a", "x", nil)
	create(t, r, "b", "x", nil)
	create(t, r, "c", "x", nil)
	s.Forget(t, r)
	equal(t, "watch from a forgotten revision", watching(t, r, "", first)(), registry.ErrCompacted.Error())
	_, revision, err := r.List(t.Context(), "")
	is(t, "list", err, nil)
	next := watching(t, r, "", revision)
	create(t, r, "d", "x", nil)
	equal(t, "watch from the listed revision", next(), "d=x")
}

func (s Suite) watchEnds(t *testing.T, open func() registry.Registry) {
	r := open()
	after := create(t, r, "a", "x", nil)
	reason := errors.New("the test has seen enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(100*time.Millisecond, func() { cancel(reason) })
	var last error
	for change, err := range r.Watch(ctx, "", after) {
		if last != nil {
			t.Fatalf("got %v %v after an error, want the end", change, err)
		}
		last = err
	}
	is(t, "the end of a watch", last, reason)
	_, err := r.Get(ctx, "a")
	is(t, "a call whose context has ended", err, reason)
}

func (s Suite) leaseClosed(t *testing.T, open func() registry.Registry) {
	r, ctx := open(), t.Context()
	lease, err := r.Grant(ctx, s.Life)
	is(t, "grant", err, nil)
	create(t, r, "a", "x", lease)
	revision := create(t, r, "b", "x", nil)
	next := watching(t, open(), "", revision)
	time.Sleep(2 * s.Life) // longer than it would have been kept without keeping alive
	select {
	case <-lease.Done():
		t.Error("the lease is done, want it kept alive")
	default:
	}
	_, err = r.Get(ctx, "a")
	is(t, "get under a lease that is kept", err, nil)
	is(t, "close", lease.Close(), nil)
	<-lease.Done()
	_, err = r.Get(ctx, "a")
	is(t, "get under a lease that is closed", err, registry.ErrNotFound)
	equal(t, "watch", next(), "a gone")
	is(t, "close again", lease.Close(), nil)
	lease.Abandon()
	_, err = r.Get(ctx, "b")
	is(t, "get under no lease", err, nil)
	_, err = r.Create(ctx, "c", []byte("x"), lease)
	is(t, "create under a lease that is closed", err, registry.ErrLeaseEnded)
	_, err = r.Replace(ctx, "b", revision, []byte("x"), lease)
	is(t, "replace under a lease that is closed", err, registry.ErrLeaseEnded)
}

func (s Suite) leaseAbandoned(t *testing.T, open func() registry.Registry) {
	r := open()
	for i, end := range []func(registry.Registry, registry.Lease){
		func(_ registry.Registry, lease registry.Lease) { lease.Abandon(); lease.Abandon() },
		func(way registry.Registry, _ registry.Lease) { way.Close() },
	} {
		way := r
		if i == 1 {
			way = open()
		}
		if i == 1 && way == r {
			continue // there is one way only, and closing it closes the registry
		}
		ctx := context.Background()
		lease, err := way.Grant(ctx, s.Life)
		is(t, "grant", err, nil)
		key := fmt.Sprint("a", i)
		revision, err := way.Create(ctx, key, []byte("x"), lease)
		is(t, "create", err, nil)
		revision, err = way.Replace(ctx, key, revision, []byte("y"), nil) // does not take it away from the lease
		is(t, "replace", err, nil)
		next := watching(t, r, key, revision)
		begun := time.Now()
		end(way, lease)
		<-lease.Done()
		_, err = r.Get(ctx, key)
		is(t, "get under a lease that runs out", err, nil)
		equal(t, "watch", next(), key+" gone")
		if took, least := time.Since(begun), s.Life/2; took < least { // who kept it alive last did so before
			t.Errorf("got the entry gone after %s, want %s at least", took, least)
		}
		if i == 0 {
			is(t, "close what has run out", lease.Close(), nil)
		}
	}
}

func (s Suite) leaseTakenOver(t *testing.T, open func() registry.Registry) {
	r, ctx := open(), t.Context()
	first, err := r.Grant(ctx, s.Life)
	is(t, "grant", err, nil)
	other := open()
	second, err := other.Grant(ctx, s.Life)
	is(t, "grant", err, nil)
	revision := create(t, r, "a", "x", first)
	_, err = other.Replace(ctx, "a", revision, []byte("y"), second)
	is(t, "take over", err, nil)
	is(t, "close", first.Close(), nil)
	_, err = r.Get(ctx, "a")
	is(t, "get what another lease holds", err, nil)
	is(t, "close", second.Close(), nil)
	_, err = r.Get(ctx, "a")
	is(t, "get what no lease holds", err, registry.ErrNotFound)
}

func (s Suite) closed(t *testing.T, open func() registry.Registry) {
	r := open()
	after := create(t, r, "a", "x", nil)
	next := watching(t, r, "", after)
	is(t, "close", r.Close(), nil)
	equal(t, "watch", next(), registry.ErrNoQuorum.Error())
	_, err := r.Get(t.Context(), "a")
	is(t, "get", err, registry.ErrNoQuorum)
	_, err = r.Grant(t.Context(), s.Life)
	is(t, "grant", err, registry.ErrNoQuorum)
}
