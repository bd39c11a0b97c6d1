package fileserver

import (
	"context"
	"errors"
	"iter"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// GetFile is api.MessageService's: the bytes of a public file, for a client.
func (f *Files) GetFile(ctx context.Context, sha256 []byte, offset uint64) iter.Seq2[[]byte, error] {
	return f.forClient(ctx, func(ctx context.Context, c *Client, yield func([]byte, error) bool) error {
		if f.holds(sha256) {
			left := false
			err := f.send(sha256, offset, func(piece []byte, err error) bool {
				offset += uint64(len(piece))
				left = !yield(piece, err)
				return !left
			})
			if err == nil || left || runtime.CodeOf(err) == runtime.CodeOutOfRange {
				return err
			}
			f.Logger.Warn("a file that is here cannot be read; another server is asked", "file", short(sha256), "reason", err)
		}
		return f.pass(ctx, sha256, offset, yield)
	})
}

// forClient returns a stream of bytes that send yields, for the client who makes a call, unless it has too many.
func (f *Files) forClient(ctx context.Context, send func(ctx context.Context, c *Client, yield func([]byte, error) bool) error) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ctx, leave, err := f.enter(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer leave()
		c, err := f.Host.Client(ctx)
		if err == nil {
			err = c.beginStream(f.Limits.Streams)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer c.endStream()
		if err := send(ctx, c, yield); err != nil {
			yield(nil, err)
		}
	}
}

// beginStream counts a file that the client gets.
func (c *Client) beginStream(most int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.streams >= most {
		return runtime.Errorf(runtime.CodeResourceExhausted, "a client gets %d files at once, and no more", most)
	}
	c.streams++
	return nil
}

func (c *Client) endStream() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams--
}

// Held is api.NodeService's GetFile: the bytes of a file that is here, or is lent, for another server.
func (f *Files) Held(ctx context.Context, sha256 []byte, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ctx, leave, err := f.enter(ctx)
		if err == nil {
			defer leave()
			if lent := f.lent(sha256); lent != nil {
				err = passOn(lent(ctx, offset), yield)
			} else {
				err = f.send(sha256, offset, yield)
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// holds reports whether bytes are here.
func (f *Files) holds(sha256 []byte) bool {
	if f.Store == nil || len(sha256) != len(transfer.Sum{}) {
		return false
	}
	_, there := f.Store.Has(transfer.Sum(sha256))
	return there
}

// send yields the bytes of a file that is here, from an offset on, and returns the error that is to be yielded last.
func (f *Files) send(sha256 []byte, offset uint64, yield func([]byte, error) bool) error {
	if !f.holds(sha256) {
		return &justchat.NoSuchFile{File: short(sha256), Reason: "server " + f.Name + " does not hold it"}
	}
	kept, _ := f.Store.Has(transfer.Sum(sha256))
	if offset > uint64(kept.Size) {
		return runtime.Errorf(runtime.CodeOutOfRange, "%s has %d bytes; there are none from %d on", short(sha256), kept.Size, offset)
	}
	for piece, err := range f.Store.Pieces(kept.Sum, int64(offset)) {
		switch {
		case errors.Is(err, blobstore.ErrNotFound):
			return &justchat.NoSuchFile{File: short(sha256), Reason: "it was removed"}
		case err != nil:
			return err
		}
		offset += uint64(len(piece))
		f.stats.served.Add(uint64(len(piece)))
		if !yield(piece, nil) {
			return nil
		}
	}
	if offset < uint64(kept.Size) {
		return runtime.Errorf(runtime.CodeDataLoss, "%s has lost its end at server %s", short(sha256), f.Name)
	}
	return nil
}

// pass yields the bytes of a file that other servers hold, of which the next goes on where one fails. They are not kept here.
func (f *Files) pass(ctx context.Context, sha256 []byte, offset uint64, yield func([]byte, error) bool) error {
	missing := &justchat.NoSuchFile{File: short(sha256), Reason: "no server that can be reached holds it; try again in a while"}
	if len(sha256) != len(transfer.Sum{}) {
		return missing
	}
	sum := transfer.Sum(sha256)
	for _, peer := range ranked(f.Host.Peers(), sum) {
		err := error(nil)
		for piece, failed := range f.bytes(ctx, peer.source(sum), offset) {
			if err = failed; err != nil {
				break
			}
			offset += uint64(len(piece))
			f.stats.served.Add(uint64(len(piece)))
			if !yield(piece, nil) {
				return nil
			}
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || runtime.CodeOf(err) == runtime.CodeOutOfRange {
			return err
		}
		f.Logger.Debug("a file is not passed on", "file", short(sha256), "from", peer.Name, "reason", err)
	}
	return missing
}
