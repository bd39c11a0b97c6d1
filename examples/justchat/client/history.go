package client

import (
	"context"
	"errors"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// askTime bounds what a person asks for.
const askTime = 10 * time.Second

// MaxHistory is how many messages History and Search return at most.
const MaxHistory = 1000

// ErrNoServer and ErrNoLoadBalancer are why a question cannot be asked now.
var (
	ErrNoServer       = errors.New("there is no server at the moment; try again later")
	ErrNoLoadBalancer = errors.New("there is no load balancer at the moment; try again later")
)

// History returns the last count messages to all before that one, in the room's order; without it, the last ones. Late and Gap are
// not set in them. A page may be shorter than count although there is more before it.
func (c *Client) History(ctx context.Context, before *justchat.Record, count int) ([]*Message, error) {
	l, err := c.server()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	records, err := l.api.History(ctx, before, uint32(min(max(count, 1), MaxHistory)))
	return c.page(records), err
}

// Search returns the last count messages to all that have all the words, however they are written, in the room's
// order.
func (c *Client) Search(ctx context.Context, words []string, count int) ([]*Message, error) {
	l, err := c.server()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	records, err := l.api.Search(ctx, words, uint32(min(max(count, 1), MaxHistory)))
	return c.page(records), err
}

// page returns the messages of records that are genuine, each once.
func (c *Client) page(records []justchat.Record) []*Message {
	var once causal.Once
	var page []*Message
	for i := range records {
		r := &records[i]
		if !c.isGenuine(r) || !once.See(r.Message.Client, r.Message.Number) {
			continue
		}
		m := c.message(&r.Message)
		m.Record = r
		page = append(page, m)
	}
	return page
}

// Users returns who is in the room, by name.
func (c *Client) Users(ctx context.Context) ([]string, error) {
	b, err := c.loadBalancer()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return b.GetUserList(ctx)
}

// Files returns the public files, by name.
func (c *Client) Files(ctx context.Context) ([]justchat.File, error) {
	b, err := c.loadBalancer()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var files []justchat.File
	for file, err := range b.GetFileList(ctx) {
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (c *Client) server() (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		return nil, ErrNoServer
	}
	return c.current, nil
}

func (c *Client) loadBalancer() (*lbapi.MessageServiceClient, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.balancer == nil {
		return nil, ErrNoLoadBalancer
	}
	return c.balancer.api, nil
}
