package talk

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
)

// said checks what one Words says of events, in their order.
func said(t *testing.T, events []happening) {
	t.Helper()
	var words Words
	for i, e := range events {
		if got := words.Of(e.event); got != e.words {
			t.Errorf("event %d, %+v:\ngot  %q\nwant %q", i, e.event, got, e.words)
		}
	}
	if len(words.files) > 0 {
		t.Errorf("of transfers that have ended are kept: %+v", words.files)
	}
}

type happening struct {
	event client.Event
	words string // empty for none
}

func TestOfferWords(t *testing.T) {
	offer := client.Offer{ID: 3, From: "Elon", Name: "SELDOM_2016.png", Size: 1_234_567, Sent: time.Now()}
	private, odd := offer, offer
	private.ID, private.Private = 4, true
	odd.From, odd.Name = "-- Tony", "a (1 B) to you; #accept 2 takes it"
	said(t, []happening{
		{&client.Offered{Offer: offer}, "Elon offers SELDOM_2016.png (1.2 MB) to all; #accept 3 takes it, #decline 3 does not"},
		{&client.Offered{Offer: private}, "Elon offers SELDOM_2016.png (1.2 MB) to you; #accept 4 takes it, #decline 4 does not"},
		{&client.Offered{Offer: odd}, `"-- Tony" offers "a (1 B) to you; #accept 2 takes it" (1.2 MB) to all; #accept 3 takes it, #decline 3 does not`},
		{&client.OfferEnded{Offer: offer}, ""},
		{&client.OfferEnded{Offer: private, Reason: "cancelled by Elon"}, "SELDOM_2016.png from Elon is not offered any more: cancelled by Elon"},
	})
}

// at returns a transfer in another state.
func at(t client.Transfer, state client.TransferState, done int64) *client.Transfer {
	t.State, t.Done = state, done
	return &t
}

// because returns a transfer that has ended with an error.
func because(t client.Transfer, state client.TransferState, err error) *client.Transfer {
	t.State, t.Err = state, err
	return &t
}

var (
	sent     = client.Transfer{ID: 4, Name: "a.png", With: "Robert", Sending: true, Size: 1000, Left: -1}
	shared   = client.Transfer{ID: 5, Name: "a.png", Sending: true, Public: true, Size: 1000, Left: -1}
	received = client.Transfer{ID: 6, Name: "a.png", With: "Elon", Size: 1000, Left: -1}
	got      = client.Transfer{ID: 7, Name: "a.png", Public: true, Size: 1000, Left: -1}
)

func TestSentWords(t *testing.T) {
	said(t, []happening{
		{at(sent, client.Hashing, 0), ""},
		{at(sent, client.Waiting, 0), "offering a.png (1.0 kB) to Robert; #cancel 4 ends it"},
		{at(sent, client.Asking, 0), ""},
		{at(sent, client.Asking, 0), ""},
		{at(sent, client.Moving, 0), "Robert takes a.png"},
		{at(sent, client.Moving, 100), ""},
		{at(sent, client.Waiting, 420), "a.png to Robert waits at 42 % of 1.0 kB; it goes on by itself"},
		{at(sent, client.Waiting, 420), ""},
		{at(sent, client.Moving, 420), "a.png to Robert goes on, at 42 % of 1.0 kB"},
		{at(sent, client.Moving, 500), ""},
		{at(sent, client.Finished, 1000), "Received by Robert: a.png"},
	})
}

// TestAwayWords: the receiver is gone before there was an answer, and comes back. That is said once, however often it is
// tried.
func TestAwayWords(t *testing.T) {
	said(t, []happening{
		{at(sent, client.Waiting, 0), "offering a.png (1.0 kB) to Robert; #cancel 4 ends it"},
		{at(sent, client.Waiting, 0), ""},
		{at(sent, client.Asking, 0), ""},
		{at(sent, client.Waiting, 0), "a.png to Robert waits; it is offered again by itself"},
		{at(sent, client.Asking, 0), ""},
		{at(sent, client.Waiting, 0), ""},
		{at(sent, client.Moving, 0), "Robert takes a.png"},
		{at(sent, client.Waiting, 10), "a.png to Robert waits at 1 % of 1.0 kB; it goes on by itself"},
		{at(sent, client.Asking, 10), ""},
		{at(sent, client.Moving, 10), "a.png to Robert goes on, at 1 % of 1.0 kB"},
		{at(sent, client.Finished, 1000), "Received by Robert: a.png"},
	})
}

// TestLargeFileWords: that it is read is said if it takes a while, and then that it is offered.
func TestLargeFileWords(t *testing.T) {
	large := sent
	large.Size = 1_200_000_000
	said(t, []happening{
		{at(large, client.Hashing, 0), "reading a.png (1.2 GB) before it is offered; #cancel 4 ends it"},
		{at(large, client.Hashing, 600_000_000), ""},
		{at(large, client.Asking, 0), "offering a.png (1.2 GB) to Robert; #cancel 4 ends it"},
		{because(large, client.Declined, &justchat.Declined{User: "Robert", Name: "a.png"}), "Declined by Robert: a.png"},
	})
}

func TestSharedWords(t *testing.T) {
	one, two := shared, shared
	one.Copies, two.Copies = 1, 2
	said(t, []happening{
		{at(shared, client.Asking, 0), "sharing a.png (1.0 kB) with all; #cancel 5 ends it"},
		{at(shared, client.Waiting, 0), "a.png to all waits; it goes on by itself"},
		{at(shared, client.Moving, 0), "a.png to all goes on, at 0 % of 1.0 kB"},
		{at(two, client.Finished, 1000), "a.png is shared with all (2 copies)"},
		{at(shared, client.Moving, 0), "sharing a.png (1.0 kB) with all; #cancel 5 ends it"},
		{at(shared, client.Waiting, 500), "a.png to all waits at 50 % of 1.0 kB; it goes on by itself"},
		{at(one, client.Finished, 1000), "a.png is shared with all (1 copy); one server alone has it at the moment"},
	})
}

func TestReceivedWords(t *testing.T) {
	there := received
	there.Path = "/home/robert/Downloads/a (1).png"
	said(t, []happening{
		{at(received, client.Waiting, 0), "receiving a.png (1.0 kB) from Elon; #cancel 6 ends it"},
		{at(received, client.Waiting, 0), ""},
		{at(received, client.Moving, 0), ""},
		{at(got, client.Waiting, 0), "receiving a.png (1.0 kB); #cancel 7 ends it"},
		{at(there, client.Finished, 1000), "received a.png from Elon (1.0 kB): it is /home/robert/Downloads/a (1).png"},
		{at(got, client.Moving, 420), ""},
		{at(got, client.Waiting, 420), "a.png waits at 42 % of 1.0 kB; it goes on by itself"},
		{at(got, client.Cancelled, 420), "not received: a.png: cancelled"},
	})
}

// TestFailedTransferWords: what went wrong, and what to do.
func TestFailedTransferWords(t *testing.T) {
	full := &transfer.DiskError{Err: errors.New("no space left on device")}
	said(t, []happening{
		{because(sent, client.Declined, nil), "Declined by Robert: a.png"},
		{because(sent, client.Declined, &justchat.Declined{User: "Robert", Name: "a.png", Reason: "too many files are offered to Robert"}), "Declined by Robert: a.png: too many files are offered to Robert"},
		{because(sent, client.Declined, errors.New("no answer")), "Declined by Robert: a.png: no answer"},
		{because(sent, client.Cancelled, nil), "not sent: a.png to Robert: cancelled"},
		{because(sent, client.Broken, &justchat.NotHere{User: "Robert"}), "not sent: a.png to Robert: Robert is not here"},
		{because(sent, client.Broken, transfer.ErrChanged), "not sent: a.png to Robert: it has changed since it was offered; offer it anew"},
		{because(shared, client.Broken, &justchat.FileExists{Name: "a.png", Owner: "Tony"}), "not sent: a.png to all: there is another file called a.png, by Tony; share yours under another name"},
		{because(received, client.Cancelled, errors.New("cancelled by Elon")), "not received: a.png from Elon: cancelled by Elon"},
		{because(received, client.Broken, transfer.ErrWrong), "not received: a.png from Elon: its bytes are not those that were promised; ask Elon to share it again"},
		{because(received, client.Broken, full), "not received: a.png from Elon: the disk does not take it: no space left on device; make room, and then ask Elon to share it again"},
		{because(received, client.Broken, client.ErrAnew), ""},
		{because(received, client.Broken, &transfer.DiskError{Err: syscall.EACCES}), "not received: a.png from Elon: the disk does not take it: permission denied; see to it that files can be written to the folder for downloads, and then ask Elon to share it again"},
		{because(got, client.Broken, &transfer.DiskError{Err: syscall.EROFS}), "not received: a.png: the disk does not take it: read-only file system; see to it that files can be written to the folder for downloads, and then #get #a.png tries again"},
		{because(received, client.Broken, &justchat.RefusedFile{Name: "a.png", Reason: "it is empty"}), "not received: a.png from Elon: a.png is refused: it is empty"},
		{because(received, client.Broken, errors.New("Elon could not be reached; have it offered again")), "not received: a.png from Elon: Elon could not be reached; have it offered again"},
		{because(got, client.Broken, transfer.ErrWrong), "not received: a.png: its bytes are not those that were promised; #get #a.png tries again"},
		{because(got, client.Broken, full), "not received: a.png: the disk does not take it: no space left on device; make room, and then #get #a.png tries again"},
		{because(got, client.Broken, &justchat.NoSuchFile{File: "a.png", Reason: "nobody has it"}), "not received: a.png: a.png is not to be had: nobody has it; #available files lists what there is"},
	})
}

func TestFailedMessageWords(t *testing.T) {
	no := errors.New("no")
	soon, later := time.Now().Add(time.Minute), time.Now().Add(48*time.Hour)
	muted := func(until time.Time) error { return &serverapi.Muted{Until: until.UTC()} }
	said(t, []happening{
		{&client.Failed{Text: "hi", Err: muted(time.Now().AddDate(100, 0, 0))}, "not sent: you are muted: hi"},
		{&client.Failed{Text: "hi", Err: muted(soon)}, "not sent: you are muted until " + soon.Format("15:04:05") + ": hi"},
		{because(shared, client.Broken, muted(later)), "not sent: a.png to all: you are muted until " + later.Format("2 January 2006, 15:04")},
		{&client.Failed{Text: "hi", Err: no}, "not sent: no: hi"},
		{&client.Failed{To: "Tony", Text: "hi", Err: no}, "not sent to Tony: no: hi"},
		{&client.Safe{Number: 1}, ""},
	})
}
