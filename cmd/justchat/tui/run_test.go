package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/console"
	"github.com/parley-rpc/parley/examples/screen"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A visit is Run in a goroutine, with a person at it. It lives in a synctest bubble, which fails if Run leaves a goroutine
// behind.
type visit struct {
	t      *testing.T
	room   *fakeRoom
	typing *io.PipeWriter
	cancel context.CancelFunc
	ended  chan error

	mu  sync.Mutex
	out bytes.Buffer
}

func (v *visit) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.out.Write(p)
}

// visits begins a visit. Its screen has 60 columns and 12 rows.
func visits(t *testing.T, r *fakeRoom, password string) *visit {
	t.Helper()
	in, typing := io.Pipe()
	v := &visit{t: t, room: r, typing: typing, ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	v.cancel = cancel
	go func() {
		v.ended <- run(ctx, Config{
			Client: client.Config{User: "Elon"}, Password: password, Stdin: in, Stdout: v, Environ: []string{"TERM=xterm", "SSH_TTY=x"},
		}, r.enter, tea.WithWindowSize(60, 12))
		in.Close()
	}()
	synctest.Wait()
	return v
}

// types types bytes, as a terminal sends them, and waits until all is done about it.
func (v *visit) types(text string) {
	v.t.Helper()
	io.WriteString(v.typing, text)
	time.Sleep(time.Second) // in the bubble
	synctest.Wait()
}

// ends returns what Run has returned.
func (v *visit) ends() error {
	v.t.Helper()
	err := <-v.ended
	v.cancel()
	v.typing.Close()
	return err
}

// printed returns what was written after the full screen was left.
func (v *visit) printed() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := v.out.String()
	_, after, left := strings.Cut(out, ansi.ResetModeAltScreenSaveCursor)
	if !left {
		v.t.Errorf("the full screen was not left: %q", out)
	}
	return ansi.Strip(after)
}

func (v *visit) sees(text string) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if out := v.out.String(); !strings.Contains(out, text) {
		v.t.Errorf("got the output %q, want in it %q", out, text)
	}
}

func TestVisit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.users = []string{"Elon", "Tony"}
		v := visits(t, r, "")
		v.types("secret\r")
		v.types("hello\r")
		v.sees("2 here")
		v.sees("hello")
		v.types("#quit\r")
		if err := v.ends(); err != nil {
			t.Errorf("got %v, want no error", err)
		}
		if got := strings.TrimSpace(v.printed()); got != "" {
			t.Errorf("got %q after the visit, want nothing", got)
		}
		if got := strings.Join(r.calls, "|"); got != "Send hello" {
			t.Errorf("got the calls %q", got)
		}
	})
}

// TestNotAll: what is not acknowledged in the end is on the normal screen.
func TestNotAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.hold = true
		v := visits(t, r, "secret")
		v.types("one\rtwo\r")
		v.types("\x03")
		v.types("\x03")
		if err := v.ends(); !errors.Is(err, console.ErrNotAll) {
			t.Errorf("got %v, want %v", err, console.ErrNotAll)
		}
		want := "-- leaving as soon as all that you said has arrived\n-- not acknowledged, and perhaps not sent: one\n-- not acknowledged, and perhaps not sent: two\n"
		if got := v.printed(); !strings.HasSuffix(got, want) {
			t.Errorf("got\n%s\nwant at the end\n%s", got, want)
		}
	})
}

// TestNotFinished: files that do not arrive are on the normal screen. Whoever knows of them was asked.
func TestNotFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		v := visits(t, r, "secret")
		r.transfers = []client.Transfer{{ID: 1, Name: "SELDOM_2016.png", State: client.Moving}}
		r.config.Events(&r.transfers[0])
		v.types("draft\x15") // time for a frame
		v.types("\x03")
		v.sees("files on their way: 1")
		v.types("\x03")
		if err := v.ends(); err != nil {
			t.Errorf("got %v, want no error: all that was said has arrived", err)
		}
		if got, want := v.printed(), "-- not finished: SELDOM_2016.png\n"; !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q at the end", got, want)
		}
	})
}

// TestBusyRoom: what others say does not keep her who leaves.
func TestBusyRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.hold = true
		v := visits(t, r, "secret")
		v.types("one\r")
		v.types("\x03\x03")
		began := time.Now()
		quiet := make(chan struct{})
		go func() {
			for {
				select {
				case <-quiet:
					return
				case <-time.After(time.Second):
					r.config.Events(saidBy("Tony", "bla", 1))
				}
			}
		}()
		if err := v.ends(); !errors.Is(err, console.ErrNotAll) {
			t.Errorf("got %v, want %v", err, console.ErrNotAll)
		}
		close(quiet)
		if took := time.Since(began); took > usualPatience {
			t.Errorf("left after %v, want at most %v", took, usualPatience)
		}
	})
}

// TestImpatience: a second signal does not wait for what does not arrive.
func TestImpatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.hold = true
		v := visits(t, r, "secret")
		v.types("one\r")
		v.types("#quit\r")
		v.types("#quit\r")
		began := time.Now()
		v.cancel()
		if err := v.ends(); !errors.Is(err, console.ErrNotAll) {
			t.Errorf("got %v, want %v", err, console.ErrNotAll)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("left after %v, want at once", took)
		}
	})
}

// TestFailed: what was refused counts, though it was seen on the screen.
func TestFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visits(t, newRoom(), "secret")
		v.types("#message #nobody #hi\r")
		v.sees("not sent to nobody")
		v.types("#quit\r")
		if err := v.ends(); !errors.Is(err, console.ErrNotAll) {
			t.Errorf("got %v, want %v", err, console.ErrNotAll)
		}
	})
}

// TestThrownOut: the reason is Run's error, whatever is being typed.
func TestThrownOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		v := visits(t, r, "secret")
		v.types("half a dra\x1b[200~ft\nof two lines\x1b[201~")
		banned := &justchat.Banned{User: "Elon"}
		r.ended <- banned
		if err := v.ends(); !errors.Is(err, banned) {
			t.Errorf("got %v, want %v", err, banned)
		}
		if got := v.printed(); !strings.Contains(got, "-- not sent, since it was a draft: half a draft of two lines\n") {
			t.Errorf("got %q after the visit, want the draft", got)
		}
	})
}

func TestCancelledAtTheDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visits(t, newRoom(), "")
		v.types("sec\x03")
		if err := v.ends(); !errors.Is(err, screen.ErrCancelled) {
			t.Errorf("got %v, want %v", err, screen.ErrCancelled)
		}
		v.printed()
	})
}

// TestTerminated: the end of the context leaves as a person does.
func TestTerminated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visits(t, newRoom(), "secret")
		v.types("hello\r")
		v.cancel()
		if err := v.ends(); err != nil {
			t.Errorf("got %v, want no error", err)
		}
		v.printed()
	})
}

// TestTerminalGone: who has no terminal any more does not stay in the room for ever. What was said goes out before.
func TestTerminalGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visits(t, newRoom(), "secret")
		v.types("hello\ra draft")
		v.typing.Close()
		select {
		case err := <-v.ended:
			v.ended <- err
		case <-time.After(time.Minute):
			t.Error("the terminal is gone, and the visit goes on")
			v.cancel()
		}
		if err := v.ends(); err != nil {
			t.Errorf("got %v, want no error", err)
		}
	})
}

// TestPanic: the terminal is left as it was, whoever panics.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visits(t, newRoom(), "secret")
		v.types("a draft\x15")
		v.types("#remove #x\r") // the room cannot do that: it panics
		if err := v.ends(); !errors.Is(err, tea.ErrProgramPanic) {
			t.Errorf("got %v, want %v", err, tea.ErrProgramPanic)
		}
		v.printed()
	})
}

// TestTrickle: events come to the model in their order, and many at once.
func TestTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		ctx, stop := context.WithCancel(t.Context())
		const count = 5 * feedSize
		go func() {
			for i := range uint64(count) {
				f.put(ctx, &client.Safe{Number: i})
			}
		}()
		frames, next := 0, uint64(0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.run(ctx, func(tea.Msg) {
				frames++
				for _, e := range f.take() {
					if got := e.(*client.Safe).Number; got != next {
						t.Errorf("got event %d, want %d", got, next)
					}
					next++
				}
			})
		}()
		time.Sleep(time.Minute)
		stop()
		<-done
		if next != count || frames > 2*count/feedSize+2 {
			t.Errorf("got %d events in %d frames, want %d in about %d", next, frames, count, count/feedSize)
		}
	})
}
