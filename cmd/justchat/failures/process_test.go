package failures_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A process is one of the binary. It is killed at the end of the test, at the latest, and what it logged is
// shown if the test has failed.
type process struct {
	t        testing.TB
	name     string
	cmd      *exec.Cmd
	in       io.WriteCloser
	out, err output
	done     chan struct{} // closed when it has ended
}

// start runs a command, which is the binary, perhaps by way of another.
func start(t testing.TB, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.out, &p.err
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // kill waits
		defer close(p.done)
		cmd.Wait() // how it ended is in ProcessState
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s: %v\n%s%s", name, cmd.ProcessState, p.out.tail(), p.err.tail())
		}
	})
	return p
}

// kill ends the process by SIGKILL and waits for its end.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal sends the process a signal, if it has not ended.
func (p *process) signal(s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && err != os.ErrProcessDone {
		p.t.Errorf("%v to %s: %v", s, p.name, err)
	}
}

// types writes a line to the process's input.
func (p *process) types(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatalf("%s takes no input: %v", p.name, err)
	}
}

// logged waits until the process has logged a message with a value of that name, and returns the value.
func (p *process) logged(message, name string) string {
	p.t.Helper()
	var value string
	p.sees(&p.err, message+" with "+name, func(line string) bool {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) != nil || entry["msg"] != message {
			return false
		}
		var ok bool
		value, ok = entry[name].(string)
		return ok
	})
	return value
}

// prints waits until the process has printed that line.
func (p *process) prints(line string) {
	p.t.Helper()
	p.sees(&p.out, line, func(printed string) bool { return printed == line })
}

// sees waits until a line of an output is what is asked for, and returns it.
func (p *process) sees(o *output, what string, is func(line string) bool) string {
	p.t.Helper()
	late := time.After(fileTime())
	for at := o.marked(); ; {
		lines, changed := o.from(at)
		for _, line := range lines {
			if is(line) {
				return line
			}
		}
		at += len(lines)
		select {
		case <-changed:
		case <-p.done:
			if lines, _ := o.from(at); len(lines) == 0 {
				p.t.Fatalf("%s has ended, %v, without %s", p.name, p.cmd.ProcessState, what)
			}
		case <-late:
			p.t.Fatalf("%s has not said %q in %v", p.name, what, fileTime())
		}
	}
}

// An output keeps the lines that are written to it.
type output struct {
	mu      sync.Mutex
	lines   []string
	rest    []byte
	changed chan struct{} // closed, and made anew, with each line
	seen    int           // lines before which nobody looks any more
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, b...)
	for {
		line, rest, ok := bytes.Cut(o.rest, []byte("\n"))
		if !ok {
			break
		}
		o.lines, o.rest = append(o.lines, string(line)), rest
	}
	if o.changed != nil {
		close(o.changed)
	}
	o.changed = make(chan struct{})
	return len(b), nil
}

// mark has what follows look at what the process says from now on.
func (p *process) mark() {
	for _, o := range []*output{&p.out, &p.err} {
		o.mu.Lock()
		o.seen = len(o.lines)
		o.mu.Unlock()
	}
}

// marked returns the line to look at first.
func (o *output) marked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen
}

// from returns the lines from one on, and what to wait for if those are not enough.
func (o *output) from(at int) (lines []string, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.lines[at:], o.changed
}

// tail returns the last lines.
func (o *output) tail() string {
	const most = 150
	lines, _ := o.from(0)
	return strings.Join(append(lines[max(0, len(lines)-most):], ""), "\n")
}
