package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/screen"
	"github.com/parley-rpc/parley/generated/justchat"
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

	// Patience is how long to wait, when leaving, while nothing is acknowledged; zero is 10 seconds.
	Patience time.Duration
}

// usualPatience is Config.Patience's default.
const usualPatience = 10 * time.Second

// ErrNotAll is what Run returns when something that was said may not have arrived. What it was has been
// shown.
var ErrNotAll = errors.New("not all that was said has arrived")

// A room is what a console needs of a *client.Client.
type room interface {
	Run(ctx context.Context) error
	Close() error
	Send(ctx context.Context, text string) (number uint64, err error)
	SendPrivate(ctx context.Context, to, text string) (number uint64, err error)
	Flush(ctx context.Context) []client.Unacknowledged
	History(ctx context.Context, before *justchat.Record, count int) ([]*client.Message, error)
	Search(ctx context.Context, words []string, count int) ([]*client.Message, error)
	Users(ctx context.Context) ([]string, error)
	Files(ctx context.Context) ([]justchat.File, error)
}

// A console is one stay in the room.
type console struct {
	Config
	client room
	screen screen.Screen

	joined   chan struct{} // closed when we are first let in
	progress chan struct{} // of capacity 1: something was acknowledged
	leave    context.CancelCauseFunc

	mu     sync.Mutex
	once   sync.Once // closes joined
	said   string    // the last words about load balancers
	broken bool      // there was no load balancer, or no server, and we said so
	failed int       // messages that were not taken
}

// Run enters the room, sends what is typed, obeys commands and shows what is said, until #quit, the end of Stdin, or
// Ctrl-C; until nobody reads Stdout any more; or until ctx ends. It leaves once all that was said is
// acknowledged, or nothing is any more for Config.Patience. The error says why the user could not
// come in or stay, or is ErrNotAll. The terminal is then as it was.
//
// A Read of Stdin that blocks outlives Run; nothing else does.
func Run(ctx context.Context, config Config) error {
	return run(ctx, config, func(config client.Config) (room, error) { return client.New(config) })
}

// run is Run with a room that enter makes.
func run(ctx context.Context, config Config, enter func(client.Config) (room, error)) error {
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
	c.screen.Greet(append(append([]string{"<----- Welcome to JustChat ----->"}, commandList()...), "<----- Start Chatting ----->")...)
	return c.loop(ctx, gone)
}

// printable is what of a text stands on the screen. One's own lines stand without a name, so there is no prompt.
func printable(text string) string { return names.Printable(text, false) }

// loop obeys lines until one of them, or something else, ends the stay.
func (c *console) loop(ctx context.Context, gone <-chan error) error {
	typed := screen.Read(c.screen, c.restore)
	defer typed.Stop()
	for {
		typed.Next()
		select {
		case line := <-typed.C:
			var skipped screen.SkippedLine
			switch {
			case errors.As(line.Err, &skipped):
				c.note(skipped.Error())
				c.fail()
			case line.Err != nil:
				return c.quit(ctx)
			case c.obey(ctx, line.Text):
				return c.quit(ctx)
			}
		case err := <-gone:
			if err == nil {
				err = client.ErrClosed
			}
			return err
		case <-ctx.Done():
			return c.quit(ctx)
		}
	}
}

// obey does what a line says, and returns whether the user leaves with it.
func (c *console) obey(ctx context.Context, line string) (left bool) {
	command, err := Parse(line)
	if err != nil {
		c.note(err.Error())
		return false
	}
	switch command.Name {
	case "quit":
		return true
	case "":
		if command.Args[0] == "" {
			return false
		}
		_, err = c.client.Send(ctx, command.Args[0])
		c.unsaid(err)
	case "message":
		_, err = c.client.SendPrivate(ctx, command.Args[0], command.Args[1])
		c.unsaid(err)
	default:
		err = c.answer(ctx, command)
	}
	if err != nil && ctx.Err() == nil {
		c.note(err.Error())
	}
	return false
}

// answer obeys the commands that print something.
func (c *console) answer(ctx context.Context, command Command) error {
	var lines []string
	switch command.Name {
	case "commands":
		lines = commandList()
	case "users":
		users, err := c.client.Users(ctx)
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("-- here are %d:", len(users)))
		for _, user := range users {
			lines = append(lines, shownName(user))
		}
	case "available files":
		files, err := c.client.Files(ctx)
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("-- files: %d", len(files)))
		for _, f := range files {
			lines = append(lines, fmt.Sprintf("%s (%d bytes, by %s)", f.Name, f.Size, shownName(f.Owner)))
		}
	case "history":
		n, err := historyCount(command.Args[0])
		if err != nil {
			return err
		}
		messages, err := c.client.History(ctx, nil, n)
		if err != nil {
			return err
		}
		lines = page("-- the last messages:", messages)
	case "search":
		messages, err := c.client.Search(ctx, strings.Fields(command.Args[0]), usualHistory)
		if err != nil {
			return err
		}
		lines = page(fmt.Sprintf("-- found: %d", len(messages)), messages)
	}
	c.print(lines...)
	return nil
}

// page returns messages as lines, under a heading.
func page(heading string, messages []*client.Message) []string {
	lines := []string{heading}
	for _, m := range messages {
		lines = append(lines, line(m))
	}
	return lines
}

// print shows lines; if nobody can see them any more, the user leaves.
func (c *console) print(lines ...string) {
	if err := c.screen.Print(lines...); err != nil {
		c.leave(err)
	}
}

// note shows the client's own words.
func (c *console) note(words string) { c.screen.Note("-- " + words) }

// unsaid counts what was typed and could not even be queued.
func (c *console) unsaid(err error) {
	if err != nil {
		c.fail()
	}
}

func (c *console) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
}

// quit gives the terminal back, waits for what is not acknowledged, and leaves. If ctx ends meanwhile, as with
// Ctrl-C, it does not wait any longer.
func (c *console) quit(ctx context.Context) error {
	c.screen.Close()
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	left := c.flush(ctx)
	c.client.Close()
	for _, m := range left {
		c.note("not acknowledged, and perhaps not sent: " + m.Text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(left) > 0 || c.failed > 0 {
		return ErrNotAll
	}
	return nil
}

// flush waits as long as something is acknowledged every now and then, and says so if that takes a while.
func (c *console) flush(ctx context.Context) []client.Unacknowledged {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	impatience := time.AfterFunc(c.Patience, cancel)
	defer impatience.Stop()
	explain := time.NewTimer(min(explainAfter, c.Patience/2))
	defer explain.Stop()
	flushed := make(chan []client.Unacknowledged, 1)
	go func() { flushed <- c.client.Flush(ctx) }() // it is awaited below
	for {
		select {
		case left := <-flushed:
			return left
		case <-c.progress:
			impatience.Reset(c.Patience)
		case <-explain.C:
			c.note("leaving as soon as all that you said has arrived")
		}
	}
}

// explainAfter is how long a person may wonder why the client does not leave.
const explainAfter = 500 * time.Millisecond

// restore is deferred in other goroutines than Run's: a panic must not leave the terminal raw.
func (c *console) restore() {
	if p := recover(); p != nil {
		c.screen.Close()
		panic(p)
	}
}
