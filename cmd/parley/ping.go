package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/spf13/cobra"
)

// pingSettings is one run of parley ping.
type pingSettings struct {
	target   remote.Target
	count    int // 0 is until an interrupt
	interval time.Duration
	stdout   io.Writer
}

func pingCommand() *cobra.Command {
	var s pingSettings
	c := &cobra.Command{
		Use:   "ping [FLAGS] ADDRESS",
		Short: "measure how long a server takes to answer",
		Long: `Ping asks the server at ADDRESS, host:port, over and over whether it is there, and prints how long each answer took. The connection is
made before, and its time printed apart. With -classic it only connects each time, for a server that speaks no other form.
The exit status is 1 when an answer is missing.`,
		Example:           "  parley ping -count 2 -interval 100ms localhost:7000",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errNoAddress}
			}
			if s.count < 0 {
				return usagef("-count is how often to ask, got %d", s.count)
			}
			if s.interval < 0 {
				return usagef("-interval is how long to wait in between, got %s", s.interval)
			}
			s.target.Address, s.stdout = args[0], c.OutOrStdout()
			ctx, stop := interruptible(c)
			defer stop()
			return unlessInterrupted(ctx, s.run(ctx))
		},
	}
	c.Flags().BoolVar(&s.target.Classic, "classic", false, "connect only")
	c.Flags().IntVar(&s.count, "count", 4, "ask `N` times; 0 is until interrupted")
	c.Flags().DurationVar(&s.interval, "interval", time.Second, "wait `DURATION` in between")
	serverFlags(c, &s.target)
	return c
}

func (s *pingSettings) run(ctx context.Context) error {
	caller, err := s.target.Dial()
	if err != nil {
		return usageError{err}
	}
	defer caller.Close()
	if s.target.Classic {
		return s.repeat(ctx, s.target.Connect)
	}
	took, err := s.measure(ctx, caller.Connect)
	if errors.Is(err, transport.ErrClassicOnly) {
		return fmt.Errorf("%w: say -classic", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "connected to %s in %s\n", caller.Address, milliseconds(took))
	return s.repeat(ctx, caller.Ping)
}

// repeat asks until it has done so often enough or ctx ends.
func (s *pingSettings) repeat(ctx context.Context, ask func(context.Context) error) error {
	var times []time.Duration
	asked := 0
	for ctx.Err() == nil && (s.count == 0 || asked < s.count) {
		if asked > 0 && !wait(ctx, s.interval) {
			break
		}
		asked++
		took, err := s.measure(ctx, ask)
		if ctx.Err() != nil { // interrupted
			asked--
			break
		}
		if err != nil {
			fmt.Fprintf(s.stdout, "%d: %s\n", asked, printable(err.Error()))
			continue
		}
		times = append(times, took)
		fmt.Fprintf(s.stdout, "%d: %s\n", asked, milliseconds(took))
	}
	return s.summarize(asked, times)
}

func (s *pingSettings) summarize(asked int, times []time.Duration) error {
	fmt.Fprintf(s.stdout, "%d of %d answered", len(times), asked)
	if len(times) > 0 {
		least, most, sum := times[0], times[0], time.Duration(0)
		for _, t := range times {
			least, most, sum = min(least, t), max(most, t), sum+t
		}
		fmt.Fprintf(s.stdout, ", min/avg/max %s/%s/%s", milliseconds(least), milliseconds(sum/time.Duration(len(times))), milliseconds(most))
	}
	fmt.Fprintln(s.stdout)
	if len(times) < asked {
		return errFindings
	}
	return nil
}

// measure returns how long do takes.
func (s *pingSettings) measure(ctx context.Context, do func(context.Context) error) (time.Duration, error) {
	ctx, cancel := withTimeout(ctx, s.target.Timeout)
	defer cancel()
	start := time.Now()
	err := do(ctx)
	return time.Since(start), err
}

// wait waits, and reports false if ctx ends before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.3f ms", float64(d)/float64(time.Millisecond))
}
