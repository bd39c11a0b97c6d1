package fileserver

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer/loadbalancertest"
)

// A list is a load balancer that binds names.
type list struct {
	loadbalancertest.FakeNodeService

	mu    sync.Mutex
	files map[string]justchat.File
	fault error         // of every call
	slow  time.Duration // for the registry not to answer: then there is no quorum
	binds int
}

func (l *list) NewFile(ctx context.Context, file justchat.File) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slow > 0 {
		if pause(ctx, l.slow); ctx.Err() != nil {
			return ctx.Err()
		}
		return &justchat.NoQuorum{What: "sharing"}
	}
	if l.fault != nil {
		return l.fault
	}
	l.binds++
	there, ok := l.files[file.Name]
	if ok && !bytes.Equal(there.SHA256, file.SHA256) {
		return &justchat.FileExists{Name: file.Name, Owner: there.Owner}
	}
	if ok {
		for _, holder := range file.Holders {
			if !slices.Contains(there.Holders, holder) {
				there.Holders = append(slices.Clone(there.Holders), holder)
			}
		}
		file = there
	}
	l.files[file.Name] = file
	return nil
}

// HoldFile adds holders to what the list has.
func (l *list) HoldFile(ctx context.Context, file justchat.File) error {
	if there := l.get(file.Name); !bytes.Equal(there.SHA256, file.SHA256) {
		return &justchat.NoSuchFile{File: file.Name, Reason: "the name does not stand for these bytes"}
	}
	return l.NewFile(ctx, file)
}

func (l *list) CheckFile(_ context.Context, file justchat.File) (*justchat.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	there, ok := l.files[file.Name]
	switch {
	case l.fault != nil:
		return nil, l.fault
	case !ok:
		return nil, nil
	case !bytes.Equal(there.SHA256, file.SHA256):
		return nil, &justchat.FileExists{Name: file.Name, Owner: there.Owner}
	}
	return &there, nil
}

func (l *list) GetFileList(context.Context) iter.Seq2[justchat.File, error] {
	l.mu.Lock()
	defer l.mu.Unlock()
	files, fault := make([]justchat.File, 0, len(l.files)), l.fault
	for _, file := range l.files {
		files = append(files, file)
	}
	return func(yield func(justchat.File, error) bool) {
		for _, file := range files {
			if !yield(file, nil) {
				return
			}
		}
		if fault != nil {
			yield(justchat.File{}, fault)
		}
	}
}

func (l *list) set(change func(*list)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

func (l *list) get(name string) justchat.File {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.files[name]
}
