package fileserver

import (
	"context"
	"maps"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// Bytes are removed once no name stands for them. Between that they are here and that their name is bound no list has
// it; nor does a list that is a little old. So who is about to have a name bound says so, by need.
const (
	bindGrace = time.Minute     // that another server may take to have a name bound, after this one has stored its bytes
	listGrace = 3 * time.Second // that a list may take to have a name that is bound
)

// need keeps bytes from being removed, until needed and for that grace after it.
func (f *Files) need(sum transfer.Sum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy[sum]++
}

func (f *Files) needed(sum transfer.Sum, grace time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgetWanted()
	f.wanted[sum] = time.Now().Add(grace)
	if f.busy[sum]--; f.busy[sum] == 0 {
		delete(f.busy, sum)
	}
}

// bound notes that bytes that were stored for another server have their name.
func (f *Files) bound(sum transfer.Sum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, wanted := f.wanted[sum]; wanted {
		f.wanted[sum] = time.Now().Add(listGrace)
	}
}

// wantedFor returns how long bytes are wanted yet.
func (f *Files) wantedFor(sum transfer.Sum) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Until(f.wanted[sum])
}

// DeleteFile removes bytes, if the list of files says too that no name stands for them. If that cannot be known now the keeper
// does so later.
func (f *Files) DeleteFile(ctx context.Context, sha256 []byte) error {
	ctx, leave, err := f.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if f.Store == nil || len(sha256) != len(transfer.Sum{}) {
		return nil
	}
	sum := transfer.Sum(sha256)
	f.drop(sum)
	if wait := f.wantedFor(sum); wait > 0 && wait <= listGrace {
		pause(ctx, wait)
	}
	named, err := f.list(ctx)
	if err != nil {
		f.Logger.Debug("a file is not removed yet", "file", short(sha256), "reason", err)
		return nil
	}
	if named[sum] == nil {
		f.remove(sum)
	}
	return nil
}

// drop notes that a load balancer says that bytes are not needed.
func (f *Files) drop(sum transfer.Sum) {
	if _, there := f.Store.Has(sum); !there {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropped[sum] = struct{}{}
}

// undrop notes that they are needed, and isDropped whether they are not.
func (f *Files) undrop(sum transfer.Sum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.dropped, sum)
}

func (f *Files) isDropped(sum transfer.Sum) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, dropped := f.dropped[sum]
	return dropped
}

// remove removes bytes, unless somebody needs them or receives them.
func (f *Files) remove(sum transfer.Sum) {
	mine := f.claimUnneeded(sum)
	if mine == nil {
		return
	}
	defer f.unclaim(sum, mine)
	if err := f.Store.Remove(sum); err != nil {
		f.Logger.Error("a file is not removed", "file", short(sum[:]), "reason", err)
		return
	}
	f.undrop(sum)
	f.stats.forgotten.Add(1)
	f.Logger.Info("a file that no name stands for is removed", "file", short(sum[:]))
}

// forgetWanted forgets bytes that are not wanted any more. mu is held.
func (f *Files) forgetWanted() {
	now := time.Now()
	maps.DeleteFunc(f.wanted, func(_ transfer.Sum, until time.Time) bool { return !now.Before(until) })
}

// claimUnneeded is claim for bytes that nobody needs, else nil.
func (f *Files) claimUnneeded(sum transfer.Sum) *fetching {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgetWanted()
	if _, wanted := f.wanted[sum]; wanted || f.busy[sum] > 0 || f.fetching[sum] != nil {
		return nil
	}
	mine := &fetching{done: make(chan struct{})}
	f.fetching[sum] = mine
	return mine
}

// listTime is for a load balancer to say which files there are.
const listTime = 30 * time.Second

// A named is what is known of bytes that names stand for.
type named struct {
	blob    blob
	files   []justchat.File // the names
	holders map[string]bool // of any of them
}

// list asks a load balancer which public files there are, by their bytes.
func (f *Files) list(ctx context.Context) (map[transfer.Sum]*named, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	all := make(map[transfer.Sum]*named)
	for file, err := range f.Balance.GetFileList(ctx) {
		if err != nil {
			return nil, err
		}
		if len(file.SHA256) != len(transfer.Sum{}) || int64(file.Size) < 0 {
			continue // it stands for no bytes that could be anywhere
		}
		sum := transfer.Sum(file.SHA256)
		n := all[sum]
		if n == nil {
			n = &named{blob: blob{sum, int64(file.Size)}, holders: make(map[string]bool)}
			all[sum] = n
		}
		n.files = append(n.files, file)
		for _, holder := range file.Holders {
			n.holders[holder] = true
		}
	}
	return all, nil
}
