package parcels

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A Network makes attempts. Each is one: it waits for a server, as long as its context lasts, and ends with the
// connection that it is made on; whether there is another is decided here. Its methods are called at once.
type Network interface {
	// Sign makes an offer one of ours: it sets From, To as the receiver's name was signed up, Client, Token and Signature.
	Sign(ctx context.Context, offer *justchat.Offer) error
	// Offer offers a private file to its receiver, as ClientMessageService.TransferFilePrivate does.
	Offer(ctx context.Context, offer *justchat.Offer) iter.Seq2[justchat.Transfer, error]
	// Share shares a public file, as the server's MessageService.SendPublicFile does.
	Share(ctx context.Context, offer *justchat.Offer) iter.Seq2[justchat.Transfer, error]
	// Fetch gets a public file's bytes, as the server's MessageService.GetFile does.
	Fetch(ctx context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error]
}

// Limits bound what is under way. All are above zero.
type Limits struct {
	Offers    int           // to all, and to the user alone, that wait for an answer; further ones are declined
	Transfers int           // files whose bytes travel at once, each way; others wait
	Sharing   int           // files that we send and that have not ended
	OfferTime time.Duration // for a person to answer an offer
	Unreached time.Duration // that a transfer waits for the other side, or for a server
}

// A Config is what a Set is made of. All but Downloads is needed.
type Config struct {
	Network   Network
	Downloads string // the folder where files arrive; made with the first; without it none is taken
	Limits    Limits
	Logger    *slog.Logger

	// Tell queues news for the person and returns at once. Take returns them once their turn has come, or nil if there are
	// none any more; told is called when she has them. Of each transfer and offer one is queued at a time, so that what
	// waits is bounded however slowly it is taken. Tell must not call back into the Set.
	Tell func(take func() News, told func())
}

// Bounds that are no settings.
const (
	maxReceiving = 100             // transfers to us that have not ended
	maxEnded     = 10              // transfers that Transfers has although they have ended
	maxAnswers   = 1000            // offers that are remembered to know them if they are made again
	maxKnown     = 100             // public offers that Find finds
	carriedTime  = 5 * time.Second // that an offer stands without a call that carries it
	cancelTime   = 2 * time.Second // for the other side to hear that we have cancelled
	minPause     = 50 * time.Millisecond
	maxPause     = 2 * time.Second
)

// ErrClosed is what calls return after Close. ErrAnew is why a transfer is Broken in whose place another one goes on.
var (
	ErrClosed = errors.New("the client is closed")
	ErrAnew   = errors.New("it goes on in another transfer, since it was offered anew")
)

// errCancelled is why a transfer ends that the person does not want any more.
var errCancelled = errors.New("you have cancelled it")

// A Set is all transfers of a client, and the offers to it. Its methods may be called at once.
type Set struct {
	Config
	ctx     context.Context // ends with Close
	stop    context.CancelCauseFunc
	work    sync.WaitGroup // of all transfers; Close waits
	hashing chan struct{}  // each is taken by as many as Limits.Transfers
	sending chan struct{}
	coming  chan struct{}
	refused atomic.Uint64 // offers

	folders sync.Mutex // held while folder is opened
	folder  *transfer.Folder

	mu      sync.Mutex
	closed  bool
	changed chan struct{} // closed, and made anew, when something changes that somebody may wait for
	beating bool
	id      uint64 // the last one of an offer or a transfer
	number  uint64 // the last one of an offer of ours
	parcels []*parcel
	offers  []*inbound            // that wait for an answer, or for the person to hear that they need none
	private map[offerKey]*inbound // that have no answer yet, also accepted ones
	answers map[offerKey]answer   // those that have
	order   []offerKey            // of answers, the oldest first
	calls   map[*Carrier]offerKey // that carry offers, until their reply is written
	known   []known               // public offers, the oldest first
}

// New makes a Set. It has no goroutines as long as it has no transfers.
func New(config Config) *Set {
	s := &Set{
		Config:  config,
		hashing: make(chan struct{}, config.Limits.Transfers),
		sending: make(chan struct{}, config.Limits.Transfers),
		coming:  make(chan struct{}, config.Limits.Transfers),
		changed: make(chan struct{}),
		private: make(map[offerKey]*inbound),
		answers: make(map[offerKey]answer),
		calls:   make(map[*Carrier]offerKey),
	}
	s.ctx, s.stop = context.WithCancelCause(context.Background())
	return s
}

// Close ends all transfers and waits for them. What has come of files is kept, for the case that they are offered or got
// again.
func (s *Set) Close() {
	s.mu.Lock()
	s.closed = true
	for _, in := range s.private {
		in.stopTimers()
	}
	for _, in := range s.offers {
		in.stopTimers()
	}
	s.mu.Unlock()
	s.stop(ErrClosed)
	s.work.Wait()
	s.folders.Lock()
	defer s.folders.Unlock()
	if s.folder != nil {
		s.folder.Close()
		s.folder = nil
	}
}

// stir wakes those who wait. mu is held.
func (s *Set) stir() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await waits until is holds, which is asked with mu held. It returns false when ctx or the Set ends first.
func (s *Set) await(ctx context.Context, is func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if is() {
			return true
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		case <-s.ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil || s.ctx.Err() != nil {
			return false
		}
	}
}

// take takes one of the slots, or returns ctx's cause.
func take(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
