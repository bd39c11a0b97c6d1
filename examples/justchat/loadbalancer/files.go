package loadbalancer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

const (
	maxRemoved  = 256              // files that wait for the servers to be told that they were removed
	tellTimeout = 10 * time.Second // to tell the servers of all that were removed
)

// yieldFiles yields the public files, by name.
func (lb *LoadBalancer) yieldFiles(yield func(justchat.File, error) bool) {
	for _, file := range lb.directory.Files() {
		if !yield(file, nil) {
			return
		}
	}
}

// countFiles returns how many public files there are, and their bytes together.
func (lb *LoadBalancer) countFiles() (files int, size uint64) {
	for _, file := range lb.directory.Files() {
		files, size = files+1, size+file.Size
	}
	return files, size
}

// GetFileList returns the public files, by name, to who is in. Of their holders it has those that answer: the others send nobody
// anything.
func (s messageService) GetFileList(ctx context.Context) iter.Seq2[justchat.File, error] {
	return func(yield func(justchat.File, error) bool) {
		if _, err := s.lb.session(ctx); err != nil {
			yield(justchat.File{}, err)
			return
		}
		alive := s.lb.alive()
		s.lb.yieldFiles(func(file justchat.File, err error) bool {
			var holders []string // the list's are shared with others
			for _, name := range file.Holders {
				if alive[name] {
					holders = append(holders, name)
				}
			}
			file.Holders = holders
			return yield(file, err)
		})
	}
}

// alive returns the names of the servers that answer.
func (lb *LoadBalancer) alive() map[string]bool {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	alive := make(map[string]bool)
	for name, m := range lb.servers {
		if m.state != dead {
			alive[name] = true
		}
	}
	return alive
}

// GetFileList returns the public files, by name, with all their holders.
func (s nodeService) GetFileList(context.Context) iter.Seq2[justchat.File, error] {
	return s.lb.yieldFiles
}

// CheckFile says whether NewFile would take a file, as far as that is known.
func (s nodeService) CheckFile(ctx context.Context, file justchat.File) (*justchat.File, error) {
	file, err := s.lb.checkFile(ctx, file)
	if err != nil {
		return nil, err
	}
	return s.lb.directory.CheckFile(ctx, file, s.lb.fileLimits())
}

// NewFile binds a name to a public file, or has more servers hold it.
func (s nodeService) NewFile(ctx context.Context, file justchat.File) error {
	file, err := s.lb.checkFile(ctx, file)
	if err != nil {
		return err
	}
	if !held(file) {
		return &justchat.RefusedFile{Name: file.Name, Reason: "no server holds it, or one without a name"}
	}
	return s.lb.directory.BindFile(ctx, file, s.lb.fileLimits())
}

// HoldFile has the list say that more servers hold a file.
func (s nodeService) HoldFile(ctx context.Context, file justchat.File) error {
	name, err := names.CheckFile(file.Name)
	if err != nil || !held(file) {
		return &justchat.NoSuchFile{File: line(file.Name), Reason: "it has no name that can be one, or no server holds it"}
	}
	file.Name = name
	return s.lb.directory.HoldFile(ctx, file)
}

// held reports whether servers are said to hold a file, by names that can be theirs.
func held(file justchat.File) bool {
	odd := func(name string) bool { return name == "" || len(name) > maxName || line(name) != name }
	return len(file.Holders) > 0 && !slices.ContainsFunc(file.Holders, odd)
}

func (lb *LoadBalancer) fileLimits() registry.FileLimits {
	return registry.FileLimits{Files: lb.limits.UserFiles, Bytes: lb.limits.UserBytes}
}

// checkFile returns a file with its name and its owner's as they are kept, or a *justchat.RefusedFile. Who
// shares a file that there is already is not looked at: it stays as it is.
func (lb *LoadBalancer) checkFile(ctx context.Context, file justchat.File) (justchat.File, error) {
	reason := ""
	name, err := names.CheckFile(file.Name)
	switch {
	case err != nil:
		name, reason = line(file.Name), err.Error()
	case len(file.SHA256) != sha256.Size:
		reason = fmt.Sprintf("its SHA-256 has %d bytes and not %d", len(file.SHA256), sha256.Size)
	case file.Size > math.MaxInt64:
		reason = "no file is as large as it says"
	default:
		file.Name = name
		if there, known := lb.directory.File(name); known && bytes.Equal(there.SHA256, file.SHA256) {
			return file, nil
		}
		file.Owner, reason = lb.ownerOf(ctx, file)
	}
	if reason != "" {
		return file, &justchat.RefusedFile{Name: name, Reason: reason}
	}
	return file, nil
}

// ownerOf returns the name of a new file's owner as it was signed up, or why she cannot have the file. While it is not
// known for sure who is signed up, the server's word is good enough.
func (lb *LoadBalancer) ownerOf(ctx context.Context, file justchat.File) (name, reason string) {
	if file.Owner == "" || len(file.Owner) > maxName {
		return "", "nobody who could be signed up owns it"
	}
	lb.awaitUser(ctx, file.Owner)
	if err := lb.welcome(file.Owner); err != nil {
		return "", line(err.Error())
	}
	if user, known := lb.directory.User(file.Owner); known {
		return user.State.User, ""
	}
	return file.Owner, ""
}

// RemoveFile has a public file's name stand for nothing any more, if it is the caller's.
func (s messageService) RemoveFile(ctx context.Context, name string) error {
	client, err := s.lb.session(ctx)
	if err != nil {
		return err
	}
	return s.lb.removeFile(ctx, name, client.item.User) // the user of an item stays
}

// removeFile removes a file of that owner, or of any, if she is empty.
func (lb *LoadBalancer) removeFile(ctx context.Context, name, owner string) error {
	kept, err := names.CheckFile(name)
	if err != nil {
		return &justchat.NoSuchFile{File: line(name), Reason: "no public file can have that name"}
	}
	file, err := lb.directory.RemoveFile(ctx, kept, owner)
	if err != nil {
		return err
	}
	lb.log.Info("a file was removed", "name", kept, "owner", file.Owner, "by", owner)
	if len(file.SHA256) == 0 { // it could not be read
		return nil
	}
	select {
	case lb.removed <- file.SHA256:
	default: // the servers look for what is not in the list any more by themselves
	}
	return nil
}

// tellRemoved tells the servers, a while after files were removed, to delete their bytes, unless other names stand for
// these: before they delete any, servers ask a load balancer for the list, which may hear of it a moment later. Who
// cannot be told finds out by itself.
func (lb *LoadBalancer) tellRemoved() {
	later := time.NewTimer(0)
	defer later.Stop()
	var sums [][]byte
	for {
		select {
		case sum := <-lb.removed:
			if len(sums) == 0 {
				later.Reset(newsTakes)
			}
			sums = append(sums, sum)
		case <-later.C:
			lb.tellDelete(lb.nameless(sums))
			sums = nil
		case <-lb.living.Done():
			return
		}
	}
}

// nameless returns which of the SHA-256s no name stands for.
func (lb *LoadBalancer) nameless(sums [][]byte) [][]byte {
	named := make(map[string]bool)
	for _, file := range lb.directory.Files() {
		named[string(file.SHA256)] = true
	}
	return slices.DeleteFunc(sums, func(sum []byte) bool { return named[string(sum)] })
}

// tellDelete tells all servers that answer that they may delete these bytes.
func (lb *LoadBalancer) tellDelete(sums [][]byte) {
	if len(sums) == 0 {
		return
	}
	var nodes []justchat.ServerNode
	lb.mutex.Lock()
	for _, m := range lb.servers {
		if m.state != dead {
			nodes = append(nodes, m.node)
		}
	}
	lb.mutex.Unlock()
	ctx, cancel := context.WithTimeout(lb.living, tellTimeout)
	defer cancel()
	var wait sync.WaitGroup
	for _, node := range nodes {
		wait.Go(func() { lb.tellDeleteTo(ctx, node, sums) })
	}
	wait.Wait()
}

func (lb *LoadBalancer) tellDeleteTo(ctx context.Context, node justchat.ServerNode, sums [][]byte) {
	tls, err := lb.config.Cluster.NodeTLS(identity.LoadBalancer, lb.config.Address)
	if err != nil {
		lb.log.Error("no certificate for the servers", "reason", err)
		return
	}
	client := runtime.Dial(node.Address, runtime.WithTLS(tls), runtime.WithLogger(lb.log), runtime.WithInterceptors(lb.config.ShiViz.Interceptor()))
	defer client.Close()
	calls := serverapi.NewNodeServiceClient(client)
	for _, sum := range sums {
		if err := calls.DeleteFile(ctx, sum); err != nil {
			lb.log.Info("a server was not told that files were removed", "server", node.Name, "reason", err)
			return
		}
	}
}
