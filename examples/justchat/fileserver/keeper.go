package fileserver

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A keeper sees to it that public files have two holders that live, and that what no name stands for goes. Each server has one, and
// all of them come to the same result by the same list.
type keeper struct {
	f        *Files
	short    map[transfer.Sum]time.Time // since when a file has had too few holders
	nameless map[transfer.Sum]time.Time // since when no name has stood for bytes that are here
}

// Run keeps the files until Close, or until ctx ends.
func (f *Files) Run(ctx context.Context) {
	if f.Store == nil {
		return
	}
	ctx, leave, err := f.enter(ctx)
	if err != nil {
		return
	}
	defer leave()
	k := &keeper{f: f, short: make(map[transfer.Sum]time.Time), nameless: make(map[transfer.Sum]time.Time)}
	for {
		if pause(ctx, f.Limits.Every); ctx.Err() != nil {
			return
		}
		k.look(ctx)
	}
}

// look does once what is due.
func (k *keeper) look(ctx context.Context) {
	files, err := k.f.list(ctx)
	if err != nil {
		k.f.Logger.Debug("the files cannot be looked after", "reason", err)
		return // nothing is known
	}
	k.declare(ctx, files)
	k.copyShort(ctx, files)
	k.forget(files)
	if err := k.f.Store.Sweep(k.f.Limits.ForgetAfter); err != nil {
		k.f.Logger.Debug("what is left of files is not looked for", "reason", err)
	}
}

// holders is how many servers that live are to hold a file.
const holders = 2

// declare has the list say which of its files are here.
func (k *keeper) declare(ctx context.Context, files map[transfer.Sum]*named) {
	for _, blob := range slices.Collect(k.f.Store.All()) {
		n := files[blob.Sum]
		if n == nil || n.blob.size != blob.Size {
			continue
		}
		for _, file := range n.files {
			if slices.Contains(file.Holders, k.f.Name) {
				continue
			}
			if err := k.f.hold(ctx, file); err != nil {
				return // for all of them; they come later
			}
		}
		n.holders[k.f.Name] = true
	}
}

// hold has the list say that a file is here.
func (f *Files) hold(ctx context.Context, file justchat.File) error {
	file.Holders = []string{f.Name}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	err := f.Balance.HoldFile(ctx, file)
	var gone *justchat.NoSuchFile
	if err != nil && !errors.As(err, &gone) { // else the name stands for something else by now, or for nothing
		f.Logger.Debug("the list does not say that a file is here", "file", file.Name, "reason", err)
		return err
	}
	return nil
}

// copyShort gets the files that have had too few holders for a while, one after the other.
func (k *keeper) copyShort(ctx context.Context, files map[transfer.Sum]*named) {
	now := time.Now()
	for sum, since := range k.short {
		if n := files[sum]; n == nil || len(k.live(n)) >= holders {
			delete(k.short, sum)
		} else if ctx.Err() == nil && k.mine(n, now.Sub(since)) {
			k.copy(ctx, n)
		}
	}
	for sum, n := range files {
		if _, known := k.short[sum]; !known && len(k.live(n)) < holders {
			k.short[sum] = now
		}
	}
}

// live returns the names of the holders that live. Of this server the store knows better than the list.
func (k *keeper) live(n *named) []string {
	var live []string
	if k.f.holds(n.blob.sum[:]) {
		live = append(live, k.f.Name)
	}
	for _, peer := range k.f.Host.Peers() {
		if n.holders[peer.Name] {
			live = append(live, peer.Name)
		}
	}
	return live
}

// mine reports whether it is upon this server to copy a file that has had too few holders for so long. The first server by rank of those that live and lack
// it is to do so after Limits.CopyAfter, and the next one after as long again: the first one may be full. That a server has
// lost what the list says it holds only that server knows.
func (k *keeper) mine(n *named, short time.Duration) bool {
	if k.f.holds(n.blob.sum[:]) {
		return false
	}
	own := rank(k.f.Name, n.blob.sum)
	turn := 1
	for _, peer := range k.f.Host.Peers() {
		other := rank(peer.Name, n.blob.sum)
		if !n.holders[k.f.Name] && !n.holders[peer.Name] && bytes.Compare(other[:], own[:]) < 0 {
			turn++
		}
	}
	return short >= time.Duration(turn)*k.f.Limits.CopyAfter
}

// copy gets a file from those that hold it.
func (k *keeper) copy(ctx context.Context, n *named) {
	f := k.f
	f.need(n.blob.sum)
	defer f.needed(n.blob.sum, listGrace)
	if err := f.fetchFrom(ctx, n.blob, f.known(k.live(n)), new(progress)); err != nil {
		f.Logger.Warn("a file that has too few holders is not copied", "file", n.files[0].Name, "reason", err)
		return
	}
	f.stats.copied.Add(1)
	f.Logger.Info("a file that had too few holders is here too", "file", n.files[0].Name)
	for _, file := range n.files {
		if err := f.hold(ctx, file); err != nil {
			return // declare does so later
		}
	}
	delete(k.short, n.blob.sum)
}

// forget removes what no name has stood for for long enough, or what is to be removed anyway. A list without any file may be one
// of a load balancer that knows none yet.
func (k *keeper) forget(files map[transfer.Sum]*named) {
	now := time.Now()
	for sum := range k.nameless {
		if files[sum] != nil || !k.f.holds(sum[:]) {
			delete(k.nameless, sum)
		}
	}
	for _, blob := range slices.Collect(k.f.Store.All()) {
		if files[blob.Sum] != nil {
			k.f.undrop(blob.Sum)
			continue
		}
		if k.f.isDropped(blob.Sum) {
			k.f.remove(blob.Sum)
			continue
		}
		since, known := k.nameless[blob.Sum]
		if !known {
			k.nameless[blob.Sum] = now
		} else if now.Sub(since) >= k.f.Limits.ForgetAfter && len(files) > 0 {
			k.f.remove(blob.Sum)
		}
	}
}
