package fileserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"slices"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// StoreFile is api.NodeService's: it gets a file into the store, from the server that calls or another holder. If what comes are
// not its bytes it fails with runtime.CodeInvalidArgument.
func (f *Files) StoreFile(ctx context.Context, caller string, file justchat.File) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		ctx, leave, err := f.enter(ctx)
		if err == nil {
			defer leave()
			if len(file.SHA256) != len(transfer.Sum{}) || int64(file.Size) < 0 {
				err = runtime.Errorf(runtime.CodeInvalidArgument, "%d bytes with a hash of %d are no file", file.Size, len(file.SHA256))
			}
		}
		if err != nil {
			yield(justchat.Transfer{}, err)
			return
		}
		b := blob{transfer.Sum(file.SHA256), int64(file.Size)}
		f.need(b.sum)
		defer f.needed(b.sum, bindGrace)
		p := new(progress)
		from := f.known(append([]string{caller}, file.Holders...))
		report(ctx, p, func(ctx context.Context) error {
			err := f.fetchFrom(ctx, b, from, p)
			if errors.Is(err, transfer.ErrWrong) {
				return runtime.Errorf(runtime.CodeInvalidArgument, "%v", err)
			}
			return err
		}, yield)
	}
}

// known returns the peers of those names, each once.
func (f *Files) known(names []string) []*Peer {
	var all []*Peer
	for _, name := range names {
		if peer := f.Host.Peer(name); peer != nil && !slices.Contains(all, peer) {
			all = append(all, peer)
		}
	}
	return all
}

// ranked sorts servers by who is to hold bytes first. All servers say the same, and for other bytes it is another one.
func ranked(peers []*Peer, sum transfer.Sum) []*Peer {
	slices.SortFunc(peers, func(a, b *Peer) int {
		one, other := rank(a.Name, sum), rank(b.Name, sum)
		return bytes.Compare(one[:], other[:])
	})
	return peers
}

func rank(server string, sum transfer.Sum) [sha256.Size]byte {
	return sha256.Sum256(append(sum[:], server...))
}
