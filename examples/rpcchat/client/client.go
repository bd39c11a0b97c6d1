// Package client is the chat as one user sees it: a loop that obeys commands
// and, beside it, an inbox that shows messages, which it polls for or watches.
// It talks to any rpcchat.Chat and rpcchat.Feed: the stubs of a far server, or a
// room in memory.
package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parley-rpc/parley/examples/screen"
	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// farewell is how long leaving may take when the server does not answer.
const farewell = 3 * time.Second

// Client is one user's stay in a chat. Fill it in, then call Run, once.
type Client struct {
	Chat   rpcchat.Chat
	User   string
	Stdin  io.Reader // commands, one a line; with Stdout on a terminal, that is where lines are edited
	Stdout io.Writer // messages and answers

	// Feed brings the messages; nil means that they are polled for, as in the classic chat.
	// When the line to it breaks, the client goes on with it as soon as it answers again.
	Feed rpcchat.Feed

	// Poll is the time between two CheckMessages without Feed; zero means a second.
	Poll time.Duration

	console screen.Screen
	source  source
	inbox   *inbox
	leave   context.CancelFunc // ends the loop
}

// Run logs the user in, obeys commands and shows messages until the user
// leaves: by quit or shutdown, at the end of Stdin, on Ctrl-C, when nobody reads
// Stdout any more, or when ctx ends; or until Feed says that the server shuts down.
// Those are a nil error; one from the server means that the user could not log
// in or out, or that the server stopped answering. The terminal is then as it was.
//
// A Read of Stdin that blocks outlives Run; nothing else does.
func (c *Client) Run(ctx context.Context) (err error) {
	c.source = &poller{Client: c}
	if c.Feed != nil {
		c.source = &watcher{Client: c}
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if err := c.register(ctx); err != nil {
		return err
	}
	c.console, err = screen.Open(screen.Config{Stdin: c.Stdin, Stdout: c.Stdout, Prompt: Printable(c.User) + "> ", Printable: Printable})
	if err != nil {
		return c.logout(ctx, err)
	}
	defer c.console.Close()
	ctx, c.leave = context.WithCancel(ctx)
	defer c.leave()
	c.console.Greet("You are logged in as " + c.User + ". For the commands, type help.")
	c.inbox = c.startInbox(ctx)
	defer func() { c.inbox.Stop() }()
	return c.loop(ctx)
}

// register returns the server's own words if it refuses.
func (c *Client) register(ctx context.Context) error {
	err := c.Chat.Register(ctx, c.User)
	var broken *runtime.Error
	if errors.As(err, &broken) && broken.Broken() {
		return fmt.Errorf("%w; is a chat server running there?", err)
	}
	return err
}

// loop obeys commands until one of them, or something else, ends the stay.
func (c *Client) loop(ctx context.Context) error {
	typed := screen.Read(c.console, c.restore)
	defer typed.Stop()
	for {
		typed.Next()
		select {
		case line := <-typed.C:
			if errors.As(line.Err, new(screen.SkippedLine)) {
				c.print(line.Err.Error())
				continue
			}
			if line.Err != nil {
				return c.quit(ctx)
			}
			if left, err := c.obey(ctx, line.Text); left {
				return err
			}
		case err := <-c.inbox.gone:
			c.console.Close()
			if err == errShutdown {
				c.sayShutdown()
				return nil
			}
			return err
		case <-ctx.Done():
			return c.quit(ctx)
		}
	}
}

// print shows lines; if nobody can see them any more, the user leaves.
func (c *Client) print(lines ...string) {
	if err := c.console.Print(lines...); err != nil {
		c.leave()
	}
}

// quit gives the terminal back, shows what is still queued, says goodbye and logs out.
func (c *Client) quit(ctx context.Context) error {
	c.console.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	c.inbox.Stop()
	c.drain(ctx)
	c.print("Goodbye, " + c.User + ".")
	return c.logout(ctx, nil)
}

// logout logs out, also when ctx has ended, and returns cause, or else what went wrong.
func (c *Client) logout(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := c.Chat.Logout(ctx, c.User); err != nil && cause == nil {
		return fmt.Errorf("logging out: %w", err)
	}
	return cause
}

// restore is deferred in every goroutine but Run's own, which has another: a
// panic must not leave the terminal raw.
func (c *Client) restore() {
	if p := recover(); p != nil {
		c.console.Close()
		panic(p)
	}
}
