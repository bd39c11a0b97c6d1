package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// What other clients may do where they dial us.
const (
	maxDialers    = 64  // connections
	directRate    = 100 // messages a second, of all together
	directBurst   = 200
	maxDialed     = 32 // clients that we are connected to; of more, one is given up
	undialable    = time.Minute
	maxUndialable = 1000 // addresses that are remembered because nobody answered there
)

// fileWindow is how many bytes of a file may be on their way to us, see runtime.WithStreamWindow: what a line of 20 MB/s
// carries in the 100 ms to another continent and back. Of Limits.Transfers files at once that is 8 MiB of memory.
const fileWindow = 2 << 20

// A listener is where other clients dial. It is the face that the client shows there: only private
// messages and offers are taken.
type listener struct {
	c      *Client
	server *runtime.Server
	port   uint16
	served chan struct{}
	bucket *rate.Limiter
}

func listen(c *Client) (*listener, error) {
	socket, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for private messages: %w", err)
	}
	l := &listener{
		c:      c,
		port:   uint16(socket.Addr().(*net.TCPAddr).Port),
		served: make(chan struct{}),
		bucket: rate.NewLimiter(directRate, directBurst),
	}
	options := []runtime.ServerOption{
		runtime.WithTLS(c.Key.ListenTLS()),
		runtime.WithLogger(c.Logger),
		runtime.WithMaxConnections(maxDialers),
		runtime.WithStreamWindow(fileWindow),
		runtime.WithKeepalive(c.Limits.Keepalive),
		runtime.WithMaxCalls(maxCalls),
	}
	if c.ShiViz != nil {
		options = append(options, runtime.WithInterceptors(c.ShiViz.Interceptor()))
	}
	l.server = runtime.NewServer(options...)
	api.RegisterClientMessageService(l.server, l)
	go func() { // close waits
		defer close(l.served)
		l.server.Serve(socket)
	}()
	return l, nil
}

func (l *listener) close() {
	l.server.Close()
	<-l.served
}

// ReceivePrivateMessage implements api.ClientMessageService.
func (l *listener) ReceivePrivateMessage(ctx context.Context, message justchat.Message) error {
	if !l.bucket.Allow() {
		return runtime.NewError(runtime.CodeResourceExhausted, "too many private messages; send it through the servers")
	}
	return l.c.receivePrivate(ctx, &message)
}

// ReceiveMessage implements api.ClientMessageService.
func (l *listener) ReceiveMessage(context.Context, []api.Delivery, uint64) error {
	return notYours("messages", "the server")
}

// UpdateRPCChatServer implements api.ClientMessageService.
func (l *listener) UpdateRPCChatServer(context.Context, api.ChatServer) error {
	return notYours("orders", "the load balancer")
}

// A dialed is another client that we are, or were, connected to.
type dialed struct {
	item  justchat.ClientItem
	rpc   *runtime.Client // nil if nobody answered there
	until time.Time       // when not to try again any more is over
	idle  *time.Timer
	busy  int // transfers on it
}

func (d *dialed) close() {
	d.idle.Stop()
	if d.rpc != nil {
		d.rpc.Close()
	}
}

// errUndialable is why a client is not dialled.
var errUndialable = errors.New("it could not be dialled a while ago")

// carryDirect brings a private message to another client over a connection of our own.
func (c *Client) carryDirect(item *justchat.ClientItem, m *justchat.Message) error {
	rpc, err := c.dial(item, 0)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.Limits.Dial)
	defer cancel()
	err = api.NewClientMessageServiceClient(rpc).ReceivePrivateMessage(ctx, *m)
	var failure *runtime.Error
	if errors.As(err, &failure) && !failure.Remote() {
		c.giveUp(item, rpc)
	}
	return err
}

// dial returns a connection to another client, kept from before if there is one. It stays for so many transfers
// more, until release.
func (c *Client) dial(item *justchat.ClientItem, transfers int) (*runtime.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dialed == nil {
		return nil, ErrClosed
	}
	if d := c.dialed[item.User]; d != nil && d.item.Address == item.Address && bytes.Equal(d.item.Key, item.Key) {
		if d.rpc == nil && time.Now().Before(d.until) {
			return nil, errUndialable
		}
		if d.rpc != nil {
			d.busy += transfers
			d.idle.Reset(c.Limits.KeepDialed)
			return d.rpc, nil
		}
	}
	c.forgetDialed(item.User)
	for user, d := range c.dialed {
		if len(c.dialed) < maxDialed {
			break
		}
		if d.busy == 0 {
			c.forgetDialed(user)
		}
	}
	d := &dialed{item: *item, busy: transfers}
	d.rpc = runtime.Dial(item.Address,
		runtime.WithTLS(c.Key.PeerTLS(item.Key)),
		runtime.WithLogger(c.Logger),
		runtime.WithTimeout(c.Limits.Dial),
		runtime.WithKeepalive(c.Limits.Keepalive),
		runtime.WithMaxCalls(maxCalls))
	api.RegisterClientMessageService(d.rpc, &host{c, item.User})
	d.idle = time.AfterFunc(c.Limits.KeepDialed, func() { c.expire(d) })
	c.dialed[item.User] = d
	return d.rpc, nil
}

// forgetDialed ends the connection to a user, if there is one. c.mu is held.
func (c *Client) forgetDialed(user string) {
	if d := c.dialed[user]; d != nil {
		delete(c.dialed, user)
		d.idle.Stop()
		if d.rpc != nil {
			c.start(func() { d.rpc.Close() })
		}
	}
}

// expire ends a connection that was not used for long.
func (c *Client) expire(d *dialed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.dialed[d.item.User] != d:
	case d.busy > 0:
		d.idle.Reset(c.Limits.KeepDialed)
	default:
		c.forgetDialed(d.item.User)
	}
}

// release says that a transfer does not need the connection any more.
func (c *Client) release(rpc *runtime.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.dialed {
		if d.rpc == rpc {
			d.busy--
			d.idle.Reset(c.Limits.KeepDialed)
		}
	}
}

// giveUp notes that nobody answers where another client is said to be.
func (c *Client) giveUp(item *justchat.ClientItem, rpc *runtime.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.dialed[item.User]
	if d == nil || d.rpc != rpc {
		return
	}
	c.start(func() { rpc.Close() })
	d.rpc, d.until = nil, time.Now().Add(undialable)
	d.idle.Reset(undialable)
}
