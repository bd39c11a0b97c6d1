package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/spf13/cobra"
)

// serverFlags adds the flags that say how a server is reached.
func serverFlags(c *cobra.Command, t *remote.Target) {
	f := c.Flags()
	f.BoolVar(&t.TLS, "tls", false, "encrypt; tls://host:port and the flags about certificates mean it too")
	f.StringVar(&t.CACert, "cacert", "", "trust the certificates in `FILE` (PEM) in place of the system's")
	f.StringVar(&t.Cert, "cert", "", "show the certificate in `FILE` (PEM) to the server, with -key")
	f.StringVar(&t.Key, "key", "", "the key of the certificate is in `FILE` (PEM)")
	f.StringVar(&t.ServerName, "servername", "", "the server's certificate is for `NAME`, not for the host of ADDRESS")
	f.BoolVar(&t.Insecure, "insecure", false, "take any certificate of the server")
	f.StringArrayVarP(&t.Metadata, "metadata", "H", nil, "send the metadata `NAME=VALUE` with all calls; may be said again")
	f.DurationVar(&t.Timeout, "timeout", 0, "give up after `DURATION`, such as 2s; without it after 10s, a stream never")
}

// interruptible returns c's context, which an interrupt ends, too, so that calls are cancelled; a second one is not waited for.
func interruptible(c *cobra.Command) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// unlessInterrupted returns err, which reads differently if it is because of an interrupt.
func unlessInterrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return interruptError{err}
}

type interruptError struct{ error }

func (interruptError) Error() string   { return "interrupted" }
func (e interruptError) Unwrap() error { return e.error }

// withTimeout returns ctx with the time that the user gave, if it is not 0.
func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
}

// ask dials the server that t means and asks what it has. The caller is to be closed if there is no error.
func ask(ctx context.Context, t remote.Target) (*remote.Caller, *remote.Description, error) {
	caller, err := t.Dial()
	if err != nil {
		return nil, nil, usageError{err}
	}
	d, err := caller.Describe(ctx)
	if err != nil {
		caller.Close()
		return nil, nil, err
	}
	return caller, d, nil
}

// describeFiles returns the services that stand in the packages that patterns stand for.
func describeFiles(root string, patterns []string) (*remote.Description, error) {
	trees, err := loader{root: root}.load(patterns)
	if err != nil {
		return nil, err
	}
	if len(trees) > 1 {
		return nil, usagef("the packages have several schema roots (%s, %s): name one with -root DIR", shortPath(trees[0].root), shortPath(trees[1].root))
	}
	return remote.Services(trees[0].schema), nil
}

// completionTime is how long a shell waits for a server that is to complete what is typed.
const completionTime = time.Second

// completeMethod completes a method's name behind an address.
func (s *callSettings) completeMethod(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), completionTime)
	defer cancel()
	s.target.Address = args[0]
	caller, d, err := s.connect(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer caller.Close()
	return methodCompletions(d, typed), cobra.ShellCompDirectiveNoFileComp
}

// methodCompletions returns the methods, each with the first line of its comment: by their short names, or by their full
// ones if what is typed begins like one of those.
func methodCompletions(d *remote.Description, typed string) []string {
	var completions []string
	names := d.Methods()
	for i, m := range methodsOf(d) {
		name := names[i]
		if full := remote.FullMethod(m); typed != "" && strings.HasPrefix(full, typed) {
			name = full
		}
		about, _, _ := strings.Cut(m.Doc, "\n")
		completions = append(completions, name+"\t"+about)
	}
	return completions
}

// declCompletion returns a declaration's name with the first line of its comment.
func declCompletion(d *idl.Common) string {
	about, _, _ := strings.Cut(d.Doc, "\n")
	return d.Name + "\t" + about
}

// errNoAddress is about a command line that is to be one address.
var errNoAddress = errors.New("name the address of a server, such as localhost:7000")
