package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/screen"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// ReadPassword returns the first line of a file.
func ReadPassword(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	password, _, _ := strings.Cut(string(data), "\n")
	password = strings.TrimSuffix(password, "\r")
	if password == "" {
		return "", fmt.Errorf("%s: its first line is to be the password, and is empty", file)
	}
	return password, nil
}

// errDiffer is why a password has to be typed again.
var errDiffer = errors.New("the two passwords differ")

// An asker gets the password.
type asker struct {
	*console
	last string // that was typed
}

// password is for client.Config.
func (a *asker) password(ctx context.Context, why error) (string, error) {
	var unknown *lbapi.UnknownUser
	isNew := errors.As(why, &unknown)
	switch {
	case a.Password != "" && (why == nil || isNew):
		return a.Password, nil
	case a.Password != "", isClosed(a.joined): // it is wrong, and there is no prompt in the middle of a chat
		return "", why
	case isNew:
		return a.again(ctx)
	case why != nil:
		a.note(why.Error())
	}
	return a.ask(ctx, "Password for "+names.Printable(a.Client.User, false)+": ")
}

// ask reads a password, until ctx ends. A Read that blocks outlives it.
func (a *asker) ask(ctx context.Context, prompt string) (string, error) {
	typed := make(chan screen.Line, 1)
	go func() { // ends with the line that is being read
		defer a.restore()
		password, err := a.screen.ReadPassword(prompt)
		if errors.Is(err, screen.ErrNoTerminal) {
			err = fmt.Errorf("%w; give it in a file, with -password-file", err)
		}
		typed <- screen.Line{Text: password, Err: err}
	}()
	select {
	case line := <-typed:
		a.last = line.Text
		return line.Text, line.Err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// again has somebody who signs up type the password a second time.
func (a *asker) again(ctx context.Context) (string, error) {
	a.note("nobody is called " + names.Printable(a.Client.User, false) + " yet; type the password again to sign up, or Ctrl-C to leave")
	for {
		first := a.last
		second, err := a.ask(ctx, "The same password again: ")
		if err != nil {
			return "", err
		}
		if first == second {
			return second, nil
		}
		a.note(errDiffer.Error())
		if _, err := a.ask(ctx, "Password: "); err != nil {
			return "", err
		}
	}
}
