package fileserver

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
)

// A blob is the bytes of a file.
type blob struct {
	sum  transfer.Sum
	size int64
}

// A fetching is a blob that is being received, removed, or lent.
type fetching struct {
	done chan struct{}
	have atomic.Int64
	lent source // where other servers get it, through this one, which has no room for it; else nil
}

// fetch gets a blob into the store, unless it is there, going on where an earlier try has stopped. If somebody else is at it,
// that is waited for first; unless it is lent: two servers that lend it would wait for each other. It fails with transfer.ErrWrong,
// a *api.Full, or as the source does.
func (f *Files) fetch(ctx context.Context, b blob, from source, p *progress) error {
	if f.Store == nil {
		return &api.Full{Server: f.Name, Reason: "it keeps no files"}
	}
	for {
		other, mine := f.claim(b.sum, nil)
		if mine == nil {
			if other.lent != nil {
				return &api.Full{Server: f.Name, Reason: "it has no room for this file"}
			}
			if err := other.wait(ctx, p); err != nil {
				return err
			}
			continue
		}
		err := f.ensure(ctx, b, from, mine, p)
		f.unclaim(b.sum, mine)
		return err
	}
}

// ensure is fetch for the one who has claimed the blob.
func (f *Files) ensure(ctx context.Context, b blob, from source, mine *fetching, p *progress) error {
	kept, there := f.Store.Has(b.sum)
	switch {
	case !there:
		return f.receive(ctx, b, from, mine, p)
	case kept.Size != b.size:
		return transfer.ErrWrong
	}
	p.have.Store(b.size)
	return nil
}

// claim makes the caller the one who looks after a blob, or lends it, until unclaim, or returns the other one.
func (f *Files) claim(sum transfer.Sum, lent source) (other, mine *fetching) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if other = f.fetching[sum]; other != nil {
		return other, nil
	}
	mine = &fetching{done: make(chan struct{}), lent: lent}
	f.fetching[sum] = mine
	return nil, mine
}

func (f *Files) unclaim(sum transfer.Sum, mine *fetching) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.fetching, sum)
	close(mine.done)
}

// wait waits for the end of a fetching, whatever that is.
func (o *fetching) wait(ctx context.Context, p *progress) error {
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	for {
		p.have.Store(o.have.Load())
		select {
		case <-o.done:
			return nil
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// receive is ensure for a blob that is not there. If what an earlier try had left was wrong it begins anew: that may have come from
// somebody else.
func (f *Files) receive(ctx context.Context, b blob, from source, mine *fetching, p *progress) error {
	for {
		in, err := f.Store.Receive(b.sum, b.size)
		if err != nil {
			return f.full(err)
		}
		mine.have.Store(in.Done())
		p.have.Store(in.Done())
		count := func(n int) { p.have.Store(mine.have.Add(int64(n))) }
		err = f.pour(ctx, b, in, from, count)
		if errors.Is(err, transfer.ErrStale) {
			f.Logger.Warn("what was there of a file is not of it; it is got anew", "sha256", short(b.sum[:]))
			continue
		}
		return err
	}
}

// incoming is what receives: a *blobstore.Incoming.
type incoming interface {
	Done() int64
	Append(pieces iter.Seq2[[]byte, error]) error
	Commit() error
	Close() error
	Discard() error
}

// pour gets what is missing of a blob, and ends in. What is there stays for another try, unless it is wrong.
func (f *Files) pour(ctx context.Context, b blob, in incoming, from source, count func(int)) error {
	if in.Done() < b.size {
		err := in.Append(counted(f.bytes(ctx, from, uint64(in.Done())), count))
		if err == nil && in.Done() < b.size {
			err = transfer.ErrWrong
		}
		if final(err) {
			return errors.Join(err, in.Discard())
		}
		if err != nil {
			return f.full(errors.Join(err, in.Close()))
		}
	}
	if err := in.Commit(); err != nil {
		return f.full(errors.Join(err, in.Close()))
	}
	return nil
}

// final reports whether the bytes that came before an error are of no use.
func final(err error) bool {
	var withdrawn *justchat.Withdrawn
	return errors.Is(err, transfer.ErrWrong) || errors.As(err, &withdrawn)
}

// full is what clients are told of an error: if the store takes nothing more, a *api.Full.
func (f *Files) full(err error) error {
	var disk *transfer.DiskError
	if !errors.As(err, &disk) && !errors.Is(err, blobstore.ErrQuota) {
		return err
	}
	return &api.Full{Server: f.Name, Reason: err.Error()}
}

// fetchFrom is fetch from the first of the peers that has the blob.
func (f *Files) fetchFrom(ctx context.Context, b blob, peers []*Peer, p *progress) error {
	var failed error = &justchat.NoSuchFile{File: short(b.sum[:]), Reason: "no server that can be reached holds it"}
	for _, peer := range peers {
		err := f.fetch(ctx, b, peer.source(b.sum), p)
		var full *api.Full
		if err == nil || errors.As(err, &full) || ctx.Err() != nil {
			return err
		}
		var missing *justchat.NoSuchFile
		if !errors.As(err, &missing) {
			f.Logger.Warn("a file does not come", "sha256", short(b.sum[:]), "from", peer.Name, "reason", err)
			failed = err
		}
	}
	return failed
}

// source is where a peer's public files come from.
func (p *Peer) source(sum transfer.Sum) source {
	return func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
		return p.Calls.GetFile(ctx, sum[:], offset)
	}
}

// counted tells count of each piece that was taken.
func counted(pieces iter.Seq2[[]byte, error], count func(int)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for piece, err := range pieces {
			n := len(piece)
			if !yield(piece, err) {
				return
			}
			count(n)
		}
	}
}

// short is a SHA-256 as people are shown it, where a file's name is not known.
func short(sum []byte) string { return fmt.Sprintf("the file %.4x…", sum) }
