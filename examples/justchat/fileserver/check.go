package fileserver

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/size"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
)

// admit says whether the client who makes a call may make that offer, and counts it as under way; end is called when it is
// not any more.
func (f *Files) admit(ctx context.Context, offer *justchat.Offer, check func(*justchat.Offer) error) (c *Client, end func(), err error) {
	c, err = f.Host.Client(ctx)
	if err != nil {
		return nil, nil, err
	}
	if offer.To == "" {
		if until := f.Host.MutedUntil(c.User); time.Now().Before(until) {
			return nil, nil, &api.Muted{Until: until}
		}
	}
	if err := f.checkOwn(c, offer); err != nil {
		return nil, nil, err
	}
	if err := check(offer); err != nil {
		return nil, nil, err
	}
	if wait := f.Host.Allow(c.User); wait > 0 {
		return nil, nil, &justchat.TooFast{What: "messages and files", Wait: wait}
	}
	kept := int64(offer.Size)
	if offer.To != "" {
		kept = 0 // of private files nothing is kept here
	}
	if err := f.begin(c.User, kept); err != nil {
		return nil, nil, err
	}
	if err := f.checkSigned(offer); err != nil {
		f.end(c.User, kept)
		return nil, nil, err
	}
	return c, func() { f.end(c.User, kept) }, nil
}

// checkOwn says what is wrong with an offer as one of that client's.
func (f *Files) checkOwn(c *Client, o *justchat.Offer) error {
	switch {
	case o.From != c.User:
		return f.refuse(o, "it is offered by %q, this connection is %q", o.From, c.User)
	case !bytes.Equal(o.Client, c.ID):
		return f.refuse(o, "it is offered by another client process")
	case o.Number == 0:
		return f.refuse(o, "numbers begin with 1")
	}
	return nil
}

// checkForeign says what is wrong with an offer that another server has admitted.
func (f *Files) checkForeign(offer *justchat.Offer, check func(*justchat.Offer) error) error {
	if err := check(offer); err != nil {
		return err
	}
	return f.checkSigned(offer)
}

// checkPublic says what is wrong with the offer of a public file, whosever it is.
func (f *Files) checkPublic(o *justchat.Offer) error {
	if o.To != "" {
		return f.refuse(o, "it is for %q and not for all", o.To)
	}
	if err := f.checkFile(o); err != nil {
		return err
	}
	if o.Size > uint64(f.Limits.FileBytes) {
		much, most := size.Over(int64(o.Size), f.Limits.FileBytes)
		return f.refuse(o, "it has %s, and a public file may have %s", much, most)
	}
	return nil
}

// checkPrivate says what is wrong with the offer of a private file, whosever it is.
func (f *Files) checkPrivate(o *justchat.Offer) error {
	if o.To == "" {
		return f.refuse(o, "it is for nobody")
	}
	return f.checkFile(o)
}

// checkFile says what is wrong with an offer's file.
func (f *Files) checkFile(o *justchat.Offer) error {
	name, err := names.CheckFile(o.Name)
	switch {
	case err != nil:
		return f.refuse(o, "%v", err)
	case name != o.Name:
		return f.refuse(o, "its name is to be in the form NFC of Unicode")
	case len(o.SHA256) != len(transfer.Sum{}):
		return f.refuse(o, "a SHA-256 has %d bytes, this one %d", len(transfer.Sum{}), len(o.SHA256))
	case int64(o.Size) < 0:
		return f.refuse(o, "no file has %d bytes", o.Size)
	}
	return nil
}

// checkSigned says whether an offer is by whom it says.
func (f *Files) checkSigned(o *justchat.Offer) error {
	if err := f.Authority.CheckOffer(o); err != nil {
		return f.refuse(o, "%v", err)
	}
	return nil
}

func (f *Files) refuse(o *justchat.Offer, format string, a ...any) error {
	f.stats.refused.Add(1)
	return &justchat.RefusedFile{Name: o.Name, Reason: fmt.Sprintf(format, a...)}
}
