package client

import (
	"context"
	"fmt"
	"time"
)

// pollTries is how many polls in a row must go wrong before the server counts as gone.
const pollTries = 3

// moreLikely is the bytes of messages in a response, about half of what fits,
// from which the next poll follows at once: the queue may hold more.
const moreLikely = 32_000

// poller is the source of the classic chat: it asks for messages again and again.
type poller struct {
	*Client

	expelled bool // the last poll said that User is not logged in
}

// receive lets the poll under way end: the server has taken messages off the
// queue by the time it answers.
func (p *poller) receive(ctx, stopping context.Context) error {
	for failures := 0; ; {
		size, err := p.fetch(ctx)
		if err == nil {
			failures = 0
		} else if failures++; failures == pollTries {
			return fmt.Errorf("the server does not answer any more: %w", err)
		}
		pause := p.Poll
		if size >= moreLikely {
			pause = 0
		}
		select {
		case <-stopping.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// fetch shows the messages of one response.
func (p *poller) fetch(ctx context.Context) (size int, err error) {
	messages, err := p.Chat.CheckMessages(ctx, p.User)
	if err != nil {
		return 0, err
	}
	if p.saysExpelled(messages) {
		return 0, nil
	}
	p.print(messages...)
	for _, message := range messages {
		size += len(message)
	}
	return size, nil
}

// check knows nothing: a call finds out.
func (p *poller) check() error { return nil }

// saysExpelled reports whether messages repeat the one answer that the server
// gives to every poll of somebody who is not logged in. Once is enough to read.
func (p *poller) saysExpelled(messages []string) bool {
	was := p.expelled
	p.expelled = len(messages) == 1 && messages[0] == "*** You are not logged in, "+p.User
	return was && p.expelled
}
