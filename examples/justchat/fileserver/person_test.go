package fileserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/client/clienttest"
)

// A person is a client at a server, with the files that it offers.
type person struct {
	Client
	clienttest.FakeClientMessageService
	w   *world
	key *identity.Key
	at  *site

	mu     sync.Mutex
	files  map[uint64][]byte
	number uint64
	asked  []string // names of the files that it was asked about
	fault  func(number, offset uint64) (cut int, err error)
	ended  error
	wakes  chan struct{}
	gone   func()
}

// come has a new client come to a server.
func (s *site) come(user string) *person {
	s.w.t.Helper()
	key, err := identity.NewKey()
	if err != nil {
		s.w.t.Fatal(err)
	}
	p := &person{w: s.w, key: key, files: make(map[uint64][]byte)}
	p.GetFileFunc = p.getFile
	p.TransferFileFunc = func(_ context.Context, offer justchat.Offer) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, offer.Name)
		return nil
	}
	p.Client = Client{User: user, ID: key.Client, Calls: &p.FakeClientMessageService}
	p.enter(s, false)
	return p
}

// enter has the client come to a server, as a session does.
func (p *person) enter(s *site, moved bool) {
	ctx, cancel := context.WithCancel(context.Background())
	p.Client = Client{User: p.User, ID: p.ID, Calls: p.Calls, End: func(err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended = err
		cancel()
	}}
	p.wakes = make(chan struct{}, 1)
	p.at = s
	s.Join(&p.Client, moved)
	s.mu.Lock()
	s.clients = append(s.clients, p)
	s.mu.Unlock()
	done := make(chan struct{})
	p.wake()
	go func() { // gone waits
		defer close(done)
		for ctx.Err() == nil {
			select {
			case <-p.wakes:
				s.Bring(ctx, &p.Client, p.wake)
			case <-ctx.Done():
			}
		}
		p.Part()
	}()
	p.gone = sync.OnceFunc(func() {
		cancel()
		<-done
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clients = slices.DeleteFunc(s.clients, func(other *person) bool { return other == p })
	})
	p.w.t.Cleanup(p.gone)
}

// move has the client go to another server.
func (p *person) move(s *site) {
	p.gone()
	p.enter(s, true)
}

func (p *person) wake() {
	select {
	case p.wakes <- struct{}{}:
	default:
	}
}

// context is that of a call of the client's.
func (p *person) context() context.Context {
	return context.WithValue(context.Background(), callerKey{}, p)
}

// getFile is the client's GetFile.
func (p *person) getFile(ctx context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		p.mu.Lock()
		data, ok := p.files[number]
		fault := p.fault
		p.mu.Unlock()
		if !ok || offset > uint64(len(data)) {
			yield(nil, &justchat.Withdrawn{Name: "the file", Reason: "cancelled"})
			return
		}
		cut, err := len(data), error(nil)
		if fault != nil {
			cut, err = fault(number, offset)
		}
		for piece := range slices.Chunk(data[offset:cut], transfer.PieceSize) {
			if !yield(piece, nil) {
				return
			}
		}
		if err != nil {
			if errors.Is(err, context.Canceled) { // says nothing more
				<-ctx.Done()
			}
			yield(nil, err)
		}
	}
}

// offer makes the offer of a file of the client's.
func (p *person) offer(to, name string, data []byte) justchat.Offer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number++
	p.files[p.number] = data
	sum := sha256.Sum256(data)
	return p.sign(justchat.Offer{From: p.User, To: to, Number: p.number, Name: name, Size: uint64(len(data)), SHA256: sum[:]})
}

func (p *person) sign(o justchat.Offer) justchat.Offer {
	o.Sent = time.Now()
	o.Token = p.w.cluster.Grant(p.User, p.key.Public, time.Now(), time.Minute)
	p.key.SignOffer(p.w.cluster.Authority(), &o)
	return o
}

// share shares a file at the server where the client is.
func (p *person) share(o justchat.Offer) (last justchat.Transfer, err error) {
	return drain(p.at.SendPublicFile(p.context(), o))
}

// get gets a public file, from an offset on.
func (p *person) get(data []byte, offset uint64) ([]byte, error) {
	sum := sha256.Sum256(data)
	return collect(p.at.GetFile(p.context(), sum[:], offset))
}

// wantAsked wants a client to have been asked about these files.
func (p *person) wantAsked(names ...string) {
	p.w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.asked, names) {
		p.w.t.Errorf("%s: got asked about %q, want %q", p.User, p.asked, names)
	}
}
