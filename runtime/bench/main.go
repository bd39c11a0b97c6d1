// Bench measures Parley against its peers and against floors: what the same work costs
// when it is done by hand and nothing else is done. README.md says what is measured
// and how to read it.
//
// Each workload is in a file work_*.go and prints a table, each peer in a file peer_*.go, each floor
// in a file floor_*.go.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strings"
)

func main() {
	if name := os.Getenv(serveVariable); name != "" {
		exit(serveProcess(name, os.Stdin, os.Stdout))
	}
	exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// exit ends the process: 0 without an error, 2 for a command line that cannot be
// understood, else 1.
func exit(err error) {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case errors.Is(err, errUsage):
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// errUsage has been printed.
var errUsage = errors.New("usage")

const usage = `Bench measures Parley beside its peers and beside floors, and prints a table for each workload.

	bench                                  # everything: about eight minutes
	bench -quick                           # a look: about a minute
	bench -workloads latency,unary -rounds 9
	bench -workloads unary -peers pipelined,parley -cpuprofile cpu.out

A load that does not end 30 seconds after it should ends the program and prints all stacks.

`

// run measures what args ask for, and prints the tables.
func run(args []string, stdout, stderr io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.IntVar(&s.rounds, "rounds", 0, "`number` of rounds, of which the tables show medians (default 5, quick 3)")
	flags.DurationVar(&s.round, "round", 0, "how `long` one load takes (default 400ms, quick 30ms)")
	flags.BoolVar(&s.quick, "quick", false, "a look, not a measurement: short rounds, small streams")
	chosen := flags.String("workloads", "", "comma-separated `names`, of "+strings.Join(names(workloads), ", ")+" (default all)")
	peers := flags.String("peers", "", "comma-separated `columns` to measure (default all)")
	profile := flags.String("cpuprofile", "", "write a CPU profile of this process to `file`")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	s = s.withDefaults()
	if s.rounds < 1 || s.round <= 0 || flags.NArg() > 0 {
		flags.Usage()
		return errUsage
	}
	list, err := choose(split(*chosen), split(*peers))
	if err != nil {
		return err
	}
	if *profile != "" {
		stop, err := startProfile(*profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	return measure(list, s, stdout)
}

// measure runs workloads and prints the table of each when it is there.
func measure(list []workload, s settings, stdout io.Writer) error {
	describeMachine(stdout, s)
	for _, w := range list {
		t, err := w.run(w, s)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if err := t.write(stdout); err != nil {
			return err
		}
	}
	return nil
}

// startProfile writes a CPU profile to the file until stop is called.
func startProfile(name string) (stop func(), err error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		file.Close()
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		file.Close()
	}, nil
}
