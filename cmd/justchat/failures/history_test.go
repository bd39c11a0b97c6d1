package failures_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/transcript"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// histories returns what each server tells, once they agree, or after a while all the same.
func (c *cluster) histories() (all []transcript.History) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		all = nil
		for _, n := range c.servers {
			ids, err := c.history(n)
			if err != nil {
				c.t.Fatalf("the history of %s: %v", n.name, err)
			}
			all = append(all, transcript.History{Server: n.name, Messages: ids})
		}
		differs := func(h transcript.History) bool { return !slices.Equal(h.Messages, all[0].Messages) }
		if !slices.ContainsFunc(all, differs) || ctx.Err() != nil {
			return all
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// history returns what a server tells, asked by a client that no load balancer has sent there.
func (c *cluster) history(n *node) ([]transcript.ID, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	key, err := identity.NewKey()
	if err != nil {
		return nil, err
	}
	rpc := runtime.Dial(n.address, runtime.WithTLS(key.TLS(func(*identity.Authority) error { return nil })))
	defer rpc.Close()
	clientapi.RegisterClientMessageService(rpc, deaf{})
	api := server.NewMessageServiceClient(rpc)
	token := c.identity.Grant("historian", key.Public, time.Now(), time.Minute)
	for _, err := range api.ConnectionInit(ctx, token, key.Client, nil) {
		if err != nil {
			return nil, err
		}
		return pages(ctx, api)
	}
	return nil, fmt.Errorf("no welcome")
}

// pages reads a history from its end to its beginning. Of the records of one message the first counts.
func pages(ctx context.Context, api *server.MessageServiceClient) ([]transcript.ID, error) {
	var backwards []justchat.Record
	var before *justchat.Record
	for {
		page, err := api.History(ctx, before, 1000)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		first := page[0]
		before = &first
		slices.Reverse(page)
		backwards = append(backwards, page...)
	}
	var once causal.Once
	var ids []transcript.ID
	for _, r := range slices.Backward(backwards) {
		if once.See(r.Message.Client, r.Message.Number) {
			ids = append(ids, transcript.ID{User: r.Message.From, Number: r.Message.Number})
		}
	}
	return ids, nil
}

// deaf is a client that takes what comes.
type deaf struct {
	clientapi.ClientMessageService // what is not below is not called
}

func (deaf) UpdateRPCChatServer(context.Context, clientapi.ChatServer) error    { return nil }
func (deaf) ReceiveMessage(context.Context, []clientapi.Delivery, uint64) error { return nil }
func (deaf) ReceivePrivateMessage(context.Context, justchat.Message) error      { return nil }
