package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"
)

// The processes talk over pipes, a line of JSON each way: an order, and what came of it.
type order struct {
	Do       string   // "start", "load", "look"
	Secret   []byte   // start: the cluster's
	Balancer string   // start: the load balancer's address
	Users    []string // start: who comes in by this process
}

// A report is the answer to an order.
type report struct {
	Error   string
	Address string // start: the node's own
	Usage   usage
	Load    outcome // load: of clients
}

// A usage is what a process takes.
type usage struct {
	Memory     uint64        // bytes of heap and stacks that are in use, after a collection
	Stacks     uint64        // of these, stacks
	Processor  time.Duration // since it began
	Goroutines int
}

// use returns what this process takes.
func use() usage {
	runtime.GC()
	runtime.GC() // what the first left in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{Memory: m.HeapAlloc + m.StackInuse, Stacks: m.StackInuse, Processor: processor(), Goroutines: runtime.NumGoroutine()}
}

// A node is what a process runs.
type node struct {
	address string
	load    func() outcome // nil for what makes none
	stop    func()
}

// serve is the life of a process that is not the first: it does what it is told, until its
// input ends.
func serve(start func(*settings, order) (*node, error), s *settings, stdin io.Reader, stdout io.Writer) error {
	in, out := json.NewDecoder(stdin), json.NewEncoder(stdout)
	n := &node{stop: func() {}}
	defer func() { n.stop() }()
	for {
		var o order
		if err := in.Decode(&o); err != nil {
			return nil // the first process has gone
		}
		var answer report
		switch o.Do {
		case "start":
			stop := profile(s.Profile, "start.cpu")
			started, err := start(s, o)
			stop()
			if err != nil {
				answer.Error = err.Error()
				break
			}
			n = started
			answer.Address = n.address
		case "load":
			stop := profile(s.Profile, "load.cpu")
			if n.load != nil {
				answer.Load = n.load()
			} else {
				time.Sleep(s.For)
			}
			stop()
		}
		answer.Usage = use()
		snapshot(s.Profile, o.Do)
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
}

// profile records what takes the processor, until stop.
func profile(dir, name string) (stop func()) {
	if dir == "" {
		return func() {}
	}
	file, err := os.Create(profileName(dir, name))
	if err != nil {
		return func() {}
	}
	pprof.StartCPUProfile(file)
	return func() {
		pprof.StopCPUProfile()
		file.Close()
	}
}

// snapshot records what takes memory.
func snapshot(dir, when string) {
	if dir == "" {
		return
	}
	for _, kind := range []string{"heap", "goroutine"} {
		if file, err := os.Create(profileName(dir, when+"."+kind)); err == nil {
			pprof.Lookup(kind).WriteTo(file, 0)
			file.Close()
		}
	}
}

func profileName(dir, what string) string {
	return filepath.Join(dir, fmt.Sprintf("%s-%d.%s", os.Getenv("LOAD_PROCESS"), os.Getpid(), what))
}

// A process is another one, as the first sees it.
type process struct {
	name    string
	command *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
}

// spawn starts this program in a role.
func spawn(s *settings, role string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(program, "-role", role,
		"-clients", fmt.Sprint(s.Clients), "-processes", fmt.Sprint(s.Processes), "-rate", fmt.Sprint(s.Rate),
		"-for", s.For.String(), "-bytes", fmt.Sprint(s.Bytes), "-profile", s.Profile)
	c.Env = append(os.Environ(), "LOAD_PROCESS="+role)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{role, c, in, json.NewDecoder(out)}, c.Start()
}

// ask has the process do something.
func (p *process) ask(o order) (report, error) {
	var answer report
	if err := json.NewEncoder(p.in).Encode(o); err != nil {
		return answer, fmt.Errorf("%s: %w", p.name, err)
	}
	if err := p.answers.Decode(&answer); err != nil {
		return answer, fmt.Errorf("%s: %w", p.name, err)
	}
	if answer.Error != "" {
		return answer, fmt.Errorf("%s: %s", p.name, answer.Error)
	}
	return answer, nil
}

// end has the process end, and waits for it.
func (p *process) end() {
	p.in.Close()
	p.command.Wait()
}
