package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rpcchat": main})
}

// patience is how long a program may take to do what a script expects of it.
const patience = 15 * time.Second

// quickEnd keeps the race detector, if there is one, from ending each program a second late.
const quickEnd = "GORACE=atexit_sleep_ms=10"

// TestScripts runs the binary. Beside testscript's own commands scripts have
// those that keep programs running beside each other:
//
//	start NAME rpcchat ARGS…   starts a program and calls it NAME
//	listening NAME             waits until that server listens, and sets $PORT
//	type NAME LINE             types a line
//	eof NAME                   ends its input
//	see NAME REGEXP            waits until its output has that, after what was seen before
//	signal NAME SIGNAL         sends INT or TERM or HUP or KILL
//	exits NAME STATUS          waits for its end; its whole output is file NAME
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values["programs"] = map[string]*program{}
			env.Vars = append(env.Vars, quickEnd)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"start":     start,
			"listening": listening,
			"type":      typeLine,
			"eof":       func(ts *testscript.TestScript, _ bool, args []string) { named(ts, args, 1).stdin.Close() },
			"see":       see,
			"signal":    sendSignal,
			"exits":     exits,
		},
	})
}

// program is one that a script started.
type program struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	output watched // of both kinds
	ended  chan struct{}
	seen   int // bytes of output
}

func programs(ts *testscript.TestScript) map[string]*program {
	return ts.Value("programs").(map[string]*program)
}

// named returns the program that a script's command names first, with so many arguments.
func named(ts *testscript.TestScript, args []string, count int) *program {
	if len(args) != count {
		ts.Fatalf("got %d arguments, want %d", len(args), count)
	}
	p := programs(ts)[args[0]]
	if p == nil {
		ts.Fatalf("no program was started as %q", args[0])
	}
	return p
}

func start(ts *testscript.TestScript, _ bool, args []string) {
	p := &program{cmd: exec.Command(args[1], args[2:]...), ended: make(chan struct{})}
	p.output.changed = make(chan struct{}, 1)
	p.cmd.Env = append(os.Environ(), quickEnd)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	stdin, err := p.cmd.StdinPipe()
	ts.Check(err)
	p.stdin = stdin
	ts.Check(p.cmd.Start())
	programs(ts)[args[0]] = p
	go func() { p.cmd.Wait(); close(p.ended) }() // the deferred function waits for it
	ts.Defer(func() { p.cmd.Process.Kill(); <-p.ended })
}

func listening(ts *testscript.TestScript, _ bool, args []string) {
	found := waitFor(ts, args[0], named(ts, args, 1), `listening on \S+:(\d+)\n`)
	ts.Setenv("PORT", found[1])
}

func typeLine(ts *testscript.TestScript, _ bool, args []string) {
	_, err := io.WriteString(named(ts, args, 2).stdin, args[1]+"\n")
	ts.Check(err)
}

func see(ts *testscript.TestScript, _ bool, args []string) {
	waitFor(ts, args[0], named(ts, args, 2), args[1])
}

// waitFor waits until the program has printed what matches, and returns its submatches.
func waitFor(ts *testscript.TestScript, name string, p *program, pattern string) []string {
	expression, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	late := time.After(patience)
	for {
		fresh := p.output.String()[p.seen:]
		if found := expression.FindStringSubmatchIndex(fresh); found != nil {
			p.seen += found[1]
			return expression.FindStringSubmatch(fresh)
		}
		select {
		case <-p.output.changed:
		case <-late:
			ts.Fatalf("%s did not print %q; it printed:\n%s", name, pattern, p.output.String())
		}
	}
}

func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}
	ts.Check(named(ts, args, 2).cmd.Process.Signal(signals[args[1]]))
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	p := named(ts, args, 2)
	select {
	case <-p.ended:
	case <-time.After(patience):
		ts.Fatalf("%s still runs; it printed:\n%s", args[0], p.output.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(p.output.String()), 0o666))
	if got := strconv.Itoa(p.cmd.ProcessState.ExitCode()); got != args[1] {
		ts.Fatalf("%s exited with %s, want %s; it printed:\n%s", args[0], got, args[1], p.output.String())
	}
}

// watched keeps what is written to it, and tells that there is more.
type watched struct {
	mutex   sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	n, err := w.buffer.Write(p)
	select {
	case w.changed <- struct{}{}:
	default:
	}
	return n, err
}

func (w *watched) String() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return strings.ReplaceAll(w.buffer.String(), "\r\n", "\n")
}
