package justchat_test

import (
	"bytes"
	"context"
	"iter"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// TestReceiverCut: the connection on which a private file comes directly breaks half way, and the sender comes back with the
// same offer. The receiver is not asked again, and asks for what is missing only. An offer that is another is another.
func TestReceiverCut(t *testing.T) {
	c := newCluster(t, 1, 1)
	tony := c.join("Tony")
	mallory := c.forger("Mallory")
	mallory.comesIn()
	content := noise("film", 4<<20)
	o := mallory.offer("Tony", "film.mkv", content)
	half, over := make(chan struct{}), make(chan struct{})
	mallory.sends(o.Number, func(offset uint64) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece := range pieces(content[offset : 2<<20]) {
				if !yield(piece, nil) {
					return
				}
			}
			close(half)
			<-over
		}
	})
	direct, rpc := mallory.dials("Tony")
	broken := make(chan error, 1)
	go func() { broken <- endOf(direct.TransferFilePrivate(t.Context(), o)) }() // received below
	id := tony.accepts("film.mkv")
	<-half
	tony.wait("some bytes", func() bool { return tony.transfers[id].Done >= 1<<20 })
	go rpc.Close() // which waits for what she sends; the cleanup waits for it
	<-broken
	close(over)
	tony.reaches(id, client.Waiting)
	tony.wantNothingVisible()
	mallory.sends(o.Number, func(offset uint64) iter.Seq2[[]byte, error] { return pieces(content[offset:]) })
	if err := endOf(mallory.api.RelayFile(t.Context(), o)); err != nil { // by another way
		t.Fatal(err)
	}
	if got := read(t, tony.finishes(id).Path); !bytes.Equal(got, content) {
		t.Errorf("got %d other bytes, want those that were sent", len(got))
	}
	asked := mallory.asks(o.Number)
	if len(asked) != 2 || asked[0] != 0 || asked[1] < 1<<20 || asked[1] > 2<<20 {
		t.Errorf("got asked for bytes from %d on, want from 0 and then from the half", asked)
	}
	if len(tony.offered) != 1 {
		t.Errorf("Tony was asked %d times, want once", len(tony.offered))
	}
}

// TestSenderGoesOn: the receiver's connection breaks half way. The sender makes the same offer again, and sends what is
// missing.
func TestSenderGoesOn(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon := c.join("Elon")
	path := c.file("film.mkv", 4<<20)
	content := read(t, path)
	mallory := c.forger("Mallory") // who is honest this time
	type call struct {
		offer justchat.Offer
		back  *clientapi.ClientMessageServiceClient
		end   func(error)
	}
	calls := make(chan call, 10)
	mallory.TransferFilePrivateFunc = func(ctx context.Context, o justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) {
			back, _ := runtime.CallerFrom(ctx)
			end := make(chan error, 1)
			calls <- call{o, clientapi.NewClientMessageServiceClient(back), func(err error) { end <- err }}
			if !yield(justchat.Transfer{Taken: true}, nil) {
				return
			}
			select {
			case err := <-end:
				yield(justchat.Transfer{Taken: true, Have: o.Size}, err)
			case <-ctx.Done():
			}
		}
	}
	mallory.listens()
	mallory.comesIn()
	id := elon.offers("Mallory", path)
	first := <-calls
	var got []byte
	for piece, err := range first.back.GetFile(t.Context(), first.offer.Number, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, piece...); len(got) >= 2<<20 {
			break
		}
	}
	first.end(runtime.NewError(runtime.CodeUnavailable, "my disk has a hiccup"))
	second := <-calls
	if !bytes.Equal(second.offer.Client, first.offer.Client) || second.offer.Number != first.offer.Number {
		t.Errorf("got the offer %d, want %d again", second.offer.Number, first.offer.Number)
	}
	rest, err := collect(second.back.GetFile(t.Context(), second.offer.Number, uint64(len(got))))
	if err != nil || !bytes.Equal(append(got, rest...), content) {
		t.Errorf("got %d and then %d bytes and %v, want the file", len(got), len(rest), err)
	}
	second.end(nil)
	elon.finishes(id)
}
