package client

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// files are what the servers of a world have of files. They relay for each other without a connection between them.
type files struct {
	mu      sync.Mutex
	senders map[string]*api.ClientMessageServiceClient // of offers that are being relayed
	blobs   map[transfer.Sum][]byte
	relays  int             // offers that were relayed
	passed  int             // bytes of private files
	pass    func(bytes int) // is called with passed, for each piece
	pulls   []uint64        // offsets that were asked for
	bound   []justchat.File // public ones
}

// keepsFiles has a fake server do with files what servers do.
func (s *fakeServer) keepsFiles() {
	s.w.files.mu.Lock()
	if s.w.files.senders == nil {
		s.w.files.senders = make(map[string]*api.ClientMessageServiceClient)
		s.w.files.blobs = make(map[transfer.Sum][]byte)
	}
	s.w.files.mu.Unlock()
	s.RelayFileFunc = s.relayFile
	s.GetPrivateFileFunc = s.getPrivateFile
	s.SendPublicFileFunc = s.sharePublic
	s.GetFileFunc = s.getFile
}

func relayKey(client []byte, number uint64) string { return fmt.Sprintf("%x %d", client, number) }

// session returns a user's session at whatever server lives.
func (w *world) session(user string) *fakeSession {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.servers {
		if c := s.sessions[user]; c != nil && !s.dead {
			return c
		}
	}
	return nil
}

func (s *fakeServer) relayFile(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		to := s.w.session(offer.To)
		if to == nil {
			yield(justchat.Transfer{}, &justchat.NotHere{User: offer.To})
			return
		}
		f, key := &s.w.files, relayKey(offer.Client, offer.Number)
		caller, _ := runtime.CallerFrom(ctx)
		sender := api.NewClientMessageServiceClient(caller)
		f.mu.Lock()
		f.senders[key] = sender
		f.relays++
		f.mu.Unlock()
		defer func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.senders[key] == sender {
				delete(f.senders, key)
			}
		}()
		to.caller.TransferFilePrivate(ctx, offer)(yield)
	}
}

func (s *fakeServer) getPrivateFile(ctx context.Context, client []byte, number, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f := &s.w.files
		f.mu.Lock()
		sender := f.senders[relayKey(client, number)]
		f.pulls = append(f.pulls, offset)
		f.mu.Unlock()
		if sender == nil {
			yield(nil, &justchat.Withdrawn{Reason: "it is not relayed here"})
			return
		}
		for piece, err := range sender.GetFile(ctx, number, offset) {
			f.mu.Lock()
			f.passed += len(piece)
			passed, pass := f.passed, f.pass
			f.mu.Unlock()
			if pass != nil {
				pass(passed)
			}
			if !yield(piece, err) {
				return
			}
		}
	}
}

func (s *fakeServer) sharePublic(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return func(yield func(justchat.Transfer, error) bool) {
		caller, _ := runtime.CallerFrom(ctx)
		var data []byte
		for piece, err := range api.NewClientMessageServiceClient(caller).GetFile(ctx, offer.Number, 0) {
			if err != nil {
				yield(justchat.Transfer{}, err)
				return
			}
			data = append(data, piece...)
		}
		f := &s.w.files
		f.mu.Lock()
		f.blobs[transfer.Sum(offer.SHA256)] = data
		f.bound = append(f.bound, justchat.File{Name: offer.Name, Size: offer.Size, SHA256: offer.SHA256, Owner: offer.From})
		f.mu.Unlock()
		if !yield(justchat.Transfer{Taken: true, Have: offer.Size, Copies: 2}, nil) {
			return
		}
		s.w.mu.Lock()
		var others []*fakeSession
		for user, c := range s.sessions {
			if user != offer.From {
				others = append(others, c)
			}
		}
		s.w.mu.Unlock()
		for _, c := range others {
			if err := c.caller.TransferFile(ctx, offer); err != nil {
				yield(justchat.Transfer{}, err)
				return
			}
		}
	}
}

func (s *fakeServer) getFile(_ context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s.w.files.mu.Lock()
		data, there := s.w.files.blobs[transfer.Sum(sum)]
		s.w.files.mu.Unlock()
		if !there {
			yield(nil, &justchat.NoSuchFile{File: "it", Reason: "nobody has it"})
			return
		}
		for piece := range slices.Chunk(data[offset:], transfer.PieceSize) {
			if !yield(piece, nil) {
				return
			}
		}
	}
}

// listFiles has a load balancer know the public files.
func (b *fakeBalancer) listFiles() {
	f := &b.w.files
	b.GetFileListFunc = func(context.Context) iter.Seq2[justchat.File, error] {
		return func(yield func(justchat.File, error) bool) {
			f.mu.Lock()
			bound := slices.Clone(f.bound)
			f.mu.Unlock()
			for _, file := range bound {
				if !yield(file, nil) {
					return
				}
			}
		}
	}
	b.RemoveFileFunc = func(_ context.Context, name string) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.bound = slices.DeleteFunc(f.bound, func(file justchat.File) bool { return file.Name == name })
		return nil
	}
}

// downloads gives a client a folder for files.
func downloads(t testing.TB, more func(*Config)) func(*Config) {
	return func(c *Config) {
		c.Downloads = filepath.Join(t.TempDir(), "downloads")
		if more != nil {
			more(c)
		}
	}
}

// aFile makes a file of random bytes, and returns its path.
func aFile(t testing.TB, name string, size int) string {
	t.Helper()
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(data)
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sameFile checks that a file arrived as it was.
func sameFile(t testing.TB, got, want string) {
	t.Helper()
	a, err := os.ReadFile(got)
	if err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(want)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("got %d bytes, want the %d of the original (%v)", len(a), len(b), err)
	}
}

// isOffered waits for an offer, and returns its id.
func (p *person) isOffered(name string) (id uint64) {
	p.t.Helper()
	p.waitFor("the offer of "+name, func(e Event) bool {
		o, ok := e.(*Offered)
		if ok && o.Name == name {
			id = o.ID
		}
		return ok && o.Name == name
	})
	return id
}

// ends waits for the end of a transfer, and returns it.
func (p *person) ends(id uint64, want TransferState) (end Transfer) {
	p.t.Helper()
	p.waitFor(fmt.Sprintf("the end of transfer %d", id), func(e Event) bool {
		t, ok := e.(*Transfer)
		if ok && t.ID == id && t.State.Ended() {
			end = *t
			return true
		}
		return false
	})
	if end.State != want {
		p.t.Errorf("%s's transfer: got %v %v, want %v", p.User, end.State, end.Err, want)
	}
	return end
}
