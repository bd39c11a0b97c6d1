package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
	"github.com/parley-rpc/parley/examples/screen"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// A Config is what a full screen is made of.
type Config struct {
	// Client is the client's; Events and Password are set here.
	Client client.Config

	Stdin  io.Reader // a terminal
	Stdout io.Writer // a terminal

	// Password is the user's. Empty asks for it. A name that nobody has is signed up with it.
	Password string

	// Environ is as os.Environ, for TERM, COLORTERM and NO_COLOR.
	Environ []string

	// Notices are lines that the caller has for the person; nil is none.
	Notices <-chan string

	// Patience is how long to wait, when leaving, while nothing is acknowledged; zero is 10 seconds.
	Patience time.Duration
}

// usualPatience is Config.Patience's default.
const usualPatience = 10 * time.Second

// Run enters the room and stays there until the user leaves or ctx ends. The error says why the user could not come in or
// stay, or is console.ErrNotAll: what it was has been printed. The terminal is then as it was, after a panic too.
func Run(ctx context.Context, config Config) error {
	return run(ctx, config, func(config client.Config) (talk.Client, error) { return client.New(config) })
}

// run is Run with a room that enter makes, and options of a test.
func run(ctx context.Context, config Config, enter func(client.Config) (talk.Client, error), options ...tea.ProgramOption) error {
	if config.Patience == 0 {
		config.Patience = usualPatience
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &stay{Config: config, feed: newFeed(), poll: make(chan struct{}, 1), gone: make(chan error, 1)}
	s.Client.Events = func(e client.Event) { s.feed.put(s.events, e) }
	s.Client.Password = s.password
	var silence context.CancelFunc
	s.events, silence = context.WithCancel(context.WithoutCancel(ctx))
	defer silence()
	var err error
	if s.room, err = enter(s.Client); err != nil {
		return err
	}
	defer func() {
		silence() // the client waits for nobody who takes its events
		s.room.Close()
	}()
	return s.stay(ctx, options)
}

// A stay is one visit to the room.
//
//	program   Bubble Tea's loop, in Run's goroutine, which has the model
//	client    room.Run, until Close; its end ends the program
//	feed      events, once a frame
//	polls     who is here
//	notices   what the caller has to say
type stay struct {
	Config
	room    talk.Client
	feed    *feed
	poll    chan struct{}   // of capacity 1: somebody wants to know who is here
	events  context.Context // ends when nobody takes events any more
	program *tea.Program
	gone    chan error // of capacity 1: what room.Run has returned
}

func (s *stay) stay(ctx context.Context, options []tea.ProgramOption) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	m := newModel(asking, s.room, s.feed, s.Config)
	m.poll = s.poll
	s.program = tea.NewProgram(m, append([]tea.ProgramOption{
		tea.WithInput(untilGone(s.Stdin, stop)), tea.WithOutput(s.Stdout), tea.WithEnvironment(s.Environ), tea.WithFPS(30),
		tea.WithoutSignalHandler(),
	}, options...)...)
	var work sync.WaitGroup // all goroutines but room.Run's, for which Close waits
	work.Go(func() { s.feed.run(asking, s.program.Send) })
	work.Go(func() { s.polls(asking) })
	work.Go(func() { s.notices(asking) })
	work.Go(func() {
		<-asking.Done()
		s.program.Quit()
	})
	go func() {
		defer s.restore()
		s.gone <- s.room.Run(context.WithoutCancel(ctx))
		stop()
	}()
	_, err := s.program.Run()
	stop()
	work.Wait()
	if draft := m.input.value(); strings.TrimSpace(draft) != "" {
		s.print("not sent, since it was a draft: %s", names.Printable(draft, false))
	}
	if m.cancelled {
		return screen.ErrCancelled
	}
	select {
	case reason := <-s.gone:
		return errors.Join(err, reason)
	default:
	}
	if !m.joined {
		return err
	}
	return errors.Join(err, s.leave(ctx, m))
}

// notices hands the caller's lines to the model, until ctx ends.
func (s *stay) notices(ctx context.Context) {
	for {
		select {
		case text := <-s.Notices:
			s.program.Send(noticeMsg(text))
		case <-ctx.Done():
			return
		}
	}
}

// restore is deferred in the client's goroutine: a panic must not leave the terminal raw.
func (s *stay) restore() {
	if p := recover(); p != nil {
		s.program.Kill()
		panic(p)
	}
}

// pollTime is how often the model is told who is here; at most once a second if it wants to know.
const pollTime = 5 * time.Second

// polls asks who is here, until ctx ends.
func (s *stay) polls(ctx context.Context) {
	select {
	case <-s.poll: // we are let in
	case <-ctx.Done():
		return
	}
	for ctx.Err() == nil {
		if users, err := s.room.Users(ctx); err == nil {
			s.program.Send(usersMsg(users))
		}
		pause(ctx, time.Second, nil)
		pause(ctx, pollTime-time.Second, s.poll)
	}
}

// pause waits, or until ctx ends, or something comes.
func pause(ctx context.Context, d time.Duration, or <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-or:
	case <-ctx.Done():
	}
}

// password is for client.Config.
func (s *stay) password(ctx context.Context, why error) (string, error) {
	var unknown *lbapi.UnknownUser
	if s.Password != "" {
		if why == nil || errors.As(why, &unknown) {
			return s.Password, nil
		}
		return "", why
	}
	return ask(ctx, why, s.program.Send)
}

// print shows a line on the normal screen.
func (s *stay) print(format string, a ...any) { fmt.Fprintf(s.Stdout, "-- "+format+"\n", a...) }
