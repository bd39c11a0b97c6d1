package console

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
	"github.com/parley-rpc/parley/examples/screen"
)

// A Config is what a line interface is made of.
type Config struct {
	// Client is the client's; Events and Password are set here.
	Client client.Config

	Stdin  io.Reader // what is typed; with Stdout on a terminal, that is where lines are edited
	Stdout io.Writer // messages and answers
	Stderr io.Writer // the client's own words where Stdout is no terminal

	// Password is the user's. Empty asks for it, which takes a terminal. A name that nobody has is signed up
	// with it.
	Password string

	// Patience is how long to wait, when leaving, while nothing is acknowledged and no file comes any further; zero is
	// 10 seconds. The time that others take, to answer an offer or to put a whole file on their disks, does not count.
	Patience time.Duration
}

// usualPatience is Config.Patience's default.
const usualPatience = 10 * time.Second

// ErrNotAll is what Run returns when something that was said, shared or taken may not have arrived. What it was has
// been shown.
var ErrNotAll = errors.New("not all that was said or shared has arrived")

// A file tells files of a stay from each other.
type file struct {
	name, with string
	sending    bool
	size       int64
}

// A console is one stay in the room.
type console struct {
	Config
	client talk.Client
	screen screen.Screen

	joined   chan struct{} // closed when we are first let in
	progress chan struct{} // of capacity 1: something was acknowledged, or a file is further
	leave    context.CancelCauseFunc

	once      sync.Once  // closes joined
	words     talk.Words // of show, as transfers
	transfers transfers

	left   atomic.Bool // the client is being closed
	mu     sync.Mutex
	failed int // messages that did not arrive, and files that were none
	// Files that have not arrived. One that is shared or taken again, and arrives then, is no loss.
	missing map[file]bool
}

// Run enters the room, sends what is typed, obeys commands and shows what is said, until #quit, the end of Stdin, or
// Ctrl-C; until nobody reads Stdout any more; or until ctx ends. It leaves once all that was said is
// acknowledged, or nothing is any more for Config.Patience. The error says why the user could not
// come in or stay, or is ErrNotAll. The terminal is then as it was.
//
// Files that are on their way are waited for, also at the end of a Stdin that is no terminal. Who would leave without them is told
// so, and stays in the room until they have ended; #quit once more, or the end of ctx, leaves at once. Offers that wait for
// an answer keep nobody.
//
// A Read of Stdin that blocks outlives Run; nothing else does.
func Run(ctx context.Context, config Config) error {
	return run(ctx, config, func(config client.Config) (talk.Client, error) { return client.New(config) })
}

// run is Run with a room that enter makes.
func run(ctx context.Context, config Config, enter func(client.Config) (talk.Client, error)) error {
	c := &console{Config: config, joined: make(chan struct{}), progress: make(chan struct{}, 1)}
	if c.Patience == 0 {
		c.Patience = usualPatience
	}
	ctx, c.leave = context.WithCancelCause(ctx)
	defer c.leave(nil)
	var err error
	if c.screen, err = screen.Open(screen.Config{Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr, Printable: printable}); err != nil {
		return err
	}
	defer c.screen.Close()
	c.Client.Events = c.show
	c.Client.Password = (&asker{console: c}).password
	if c.client, err = enter(c.Client); err != nil {
		return err
	}
	defer c.client.Close()
	gone := make(chan error, 1)
	go func() { // client.Close waits
		defer c.restore()
		gone <- c.client.Run(context.WithoutCancel(ctx))
	}()
	select {
	case <-c.joined:
	case err := <-gone:
		return err
	case <-ctx.Done():
		return nil
	}
	c.screen.Greet(append(append([]string{"<----- Welcome to JustChat ----->"}, talk.List()...), "<----- Start Chatting ----->")...)
	return c.loop(ctx, gone)
}

// printable is what of a text stands on the screen. One's own lines stand without a name, so there is no prompt.
func printable(text string) string { return names.Printable(text, false) }

// loop obeys lines until one of them, or something else, ends the stay.
func (c *console) loop(ctx context.Context, gone <-chan error) error {
	typed := screen.Read(c.screen, c.restore)
	defer typed.Stop()
	var leaving settling
	defer func() { leaving.end() }()
	for {
		typed.Next()
		select {
		case line := <-typed.C:
			var skipped screen.SkippedLine
			switch {
			case errors.As(line.Err, &skipped):
				c.note(skipped.Error())
				c.fail()
			case line.Err != nil && !c.screen.Echoes():
				return c.quit(ctx, true)
			case line.Err != nil || c.obey(ctx, line.Text):
				if leaving.done != nil || len(c.underWay()) == 0 {
					return c.quit(ctx, false)
				}
				leaving = c.settle(ctx)
			}
		case <-leaving.done:
			return c.quit(ctx, false)
		case err := <-gone:
			if err == nil {
				err = client.ErrClosed
			}
			return err
		case <-ctx.Done():
			return c.quit(ctx, false)
		}
	}
}

// obey does what a line says, and returns whether the user leaves with it.
func (c *console) obey(ctx context.Context, line string) (left bool) {
	command, err := talk.Parse(line)
	if err != nil {
		c.note(err.Error())
		return false
	}
	if command.Name == "quit" {
		return true
	}
	lines, err := talk.Obey(ctx, c.client, command)
	if err != nil && slices.Contains(brings, command.Name) {
		c.fail() // it could not even begin
	}
	if err != nil && ctx.Err() == nil {
		c.note(err.Error())
	}
	if err == nil && len(lines) > 0 {
		c.print(lines...)
	}
	return false
}

// brings are the commands after which something is to arrive somewhere. An offer that is not there any more brings nothing.
var brings = []string{"", "message", "share", "get"}

// print shows lines; if nobody can see them any more, the user leaves.
func (c *console) print(lines ...string) {
	if err := c.screen.Print(lines...); err != nil {
		c.leave(err)
	}
}

// note shows the client's own words.
func (c *console) note(words string) { c.screen.Note("-- " + words) }

func (c *console) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
}

// restore is deferred in other goroutines than Run's: a panic must not leave the terminal raw.
func (c *console) restore() {
	if p := recover(); p != nil {
		c.screen.Close()
		panic(p)
	}
}
