package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The commands of scripts that keep programs running beside each other:
//
//	up NAME [FLAG…]              starts justchat up on any ports, and sets $LB to its load balancers,
//	                             with commas between them, and $LB1, $LB2 and $LB3
//	start NAME justchat ARG…     starts a program and calls it NAME
//	client NAME [FLAG…]          starts the client of a user of that name, at $LB, and waits until it is connected;
//	                             its files arrive in folder NAME.files
//	type NAME LINE               types a line; \r and \e in it are what they are elsewhere
//	eof NAME                     ends its input
//	see NAME REGEXP              waits until its output has that, after what was seen before
//	find VARIABLE NAME REGEXP    as see, and sets the variable to what the parentheses hold
//	signal NAME SIGNAL           sends INT or TERM or KILL
//	exits NAME STATUS            waits for its end; its whole output is file NAME
//	fails STATUS ARG…            runs justchat, which exits with that
//	misused ARG…                 is fails 2 ARG… without a program, for what is wrong with the arguments alone
//	take VARIABLE                listens at a port, whose number it sets the variable to
//	free VARIABLE                sets the variable to the number of a port that is free now
//	get URL                      prints what is there

// program is one that a script started.
type program struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	output watched // of both kinds
	ended  chan struct{}
	seen   int // bytes of output
}

// named returns the program that a script's command names first, with so many arguments.
func named(ts *testscript.TestScript, args []string, count int) *program {
	if len(args) != count {
		ts.Fatalf("got %d arguments, want %d", len(args), count)
	}
	p := ts.Value("programs").(map[string]*program)[args[0]]
	if p == nil {
		ts.Fatalf("no program was started as %q", args[0])
	}
	return p
}

func start(ts *testscript.TestScript, _ bool, args []string) {
	p := &program{cmd: exec.Command(args[1], args[2:]...), ended: make(chan struct{})}
	p.output.changed = make(chan struct{}, 1)
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = append(os.Environ(), quickEnd, "XDG_DATA_HOME="+ts.Getenv("XDG_DATA_HOME"), "XDG_CONFIG_HOME="+ts.Getenv("XDG_CONFIG_HOME"))
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	stdin, err := p.cmd.StdinPipe()
	ts.Check(err)
	p.stdin = stdin
	ts.Check(p.cmd.Start())
	ts.Value("programs").(map[string]*program)[args[0]] = p
	go func() { p.cmd.Wait(); close(p.ended) }() // the deferred function waits for it
	ts.Defer(func() { p.cmd.Process.Kill(); <-p.ended })
}

func startUp(ts *testscript.TestScript, neg bool, args []string) {
	start(ts, neg, append([]string{args[0], "justchat", "up", "-port", "0"}, args[1:]...))
	found := waitFor(ts, args[0], named(ts, args[:1], 1), `client (\S+) (\S+) (\S+)\n`)
	ts.Setenv("LB", strings.Join(found[1:], ","))
	for i, address := range found[1:] {
		ts.Setenv(fmt.Sprint("LB", i+1), address)
	}
}

func startClient(ts *testscript.TestScript, neg bool, args []string) {
	name := args[0]
	line := []string{name, "justchat", "client", "-user", name, "-pins", name + ".pins", "-password-file", "password", "-downloads", name + ".files"}
	line = append(append(line, args[1:]...), strings.Split(ts.Getenv("LB"), ",")...)
	start(ts, neg, line)
	waitFor(ts, name, named(ts, args[:1], 1), `-- connected to \w+`)
}

func typeLine(ts *testscript.TestScript, _ bool, args []string) {
	line := strings.NewReplacer(`\r`, "\r", `\e`, "\x1b").Replace(args[1])
	_, err := io.WriteString(named(ts, args, 2).stdin, line+"\n")
	ts.Check(err)
}

func see(ts *testscript.TestScript, _ bool, args []string) {
	waitFor(ts, args[0], named(ts, args, 2), args[1])
}

func find(ts *testscript.TestScript, _ bool, args []string) {
	found := waitFor(ts, args[1], named(ts, args[1:], 2), args[2])
	ts.Setenv(args[0], found[1])
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
	signals := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
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

func fails(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("justchat", args[1:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("got %v, want exit status %s", err, args[0])
	}
}

func misused(ts *testscript.TestScript, _ bool, args []string) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if got := run(ctx, args, strings.NewReader(""), ts.Stdout(), ts.Stderr()); got != 2 {
		ts.Fatalf("got exit status %d, want 2", got)
	}
}

func take(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	ts.Setenv(args[0], port)
}

func free(ts *testscript.TestScript, _ bool, args []string) {
	listener, udp, err := listenBoth("127.0.0.1:0")
	ts.Check(err)
	udp.Close()
	listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	ts.Setenv(args[0], port)
}

func get(ts *testscript.TestScript, _ bool, args []string) {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(args[0])
	ts.Check(err)
	defer response.Body.Close()
	_, err = io.Copy(ts.Stdout(), response.Body)
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), response.Status)
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
	return w.buffer.String()
}
