package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// serveVariable is the environment variable that makes this program, or its tests, the
// server of the contestant that it names.
const serveVariable = "PARLEY_BENCH_SERVE"

// askMemory is the line that makes a server print how much memory it holds.
const askMemory = "memory"

// serveProcess is what a process with serveVariable does instead of all else: it prints
// its address, answers the lines that come in, and ends with them.
func serveProcess(name string, in io.Reader, out io.Writer) error {
	for _, c := range contestants() {
		if c.name() != name {
			continue
		}
		e, err := enter(c)
		if err != nil {
			return err
		}
		defer e.stop()
		fmt.Fprintln(out, e.address)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			if lines.Text() == askMemory {
				fmt.Fprintln(out, memory())
			}
		}
		return lines.Err()
	}
	return fmt.Errorf("%s=%q names no contestant", serveVariable, name)
}

// memory returns how many bytes of heap and stacks this process needs.
func memory() int64 {
	for range 4 { // pools empty and stacks shrink over several collections
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// A process is a contestant's server in a process of its own.
type process struct {
	*entry
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
}

// enterProcess starts one.
func enterProcess(c contestant) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{command: exec.Command(self)}
	p.command.Env = append(os.Environ(), serveVariable+"="+c.name())
	p.command.Stderr = os.Stderr
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdout = bufio.NewReader(stdout)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	p.entry = &entry{contestant: c, stop: p.end}
	if p.address, err = p.line(); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// endTime is how long a server's process may take to end.
const endTime = 10 * time.Second

// end closes the process's input, on which it ends, and waits for that. One that does not
// end is killed.
func (p *process) end() {
	p.stdin.Close()
	timer := time.AfterFunc(endTime, func() { p.command.Process.Kill() })
	defer timer.Stop()
	p.command.Wait()
}

func (p *process) line() (string, error) {
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("server process: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// memory returns how many bytes of heap and stacks the server needs.
func (p *process) memory() (int64, error) {
	if _, err := fmt.Fprintln(p.stdin, askMemory); err != nil {
		return 0, err
	}
	line, err := p.line()
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(line, 10, 64)
}
