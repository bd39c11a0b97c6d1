package main

import (
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
)

// An outcome is what clients saw.
type outcome struct {
	Sent, Acked, Delivered int
	Lost                   int // times that one lost its server
	Took                   time.Duration
	Delays                 histogram // from Send to Events
}

func (o *outcome) add(other outcome) {
	o.Sent += other.Sent
	o.Acked += other.Acked
	o.Delivered += other.Delivered
	o.Lost += other.Lost
	o.Took = max(o.Took, other.Took)
	for i, n := range other.Delays {
		o.Delays[i] += n
	}
}

// A histogram counts durations, from a microsecond up, in steps of a twentieth.
type histogram [400]uint64

const step = 1.05

func (h *histogram) add(d time.Duration) {
	i := int(math.Log(float64(max(d, time.Microsecond).Microseconds())) / math.Log(step))
	h[min(i, len(h)-1)]++
}

// quantile returns what that part of the durations does not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	var all, sum uint64
	for _, n := range h {
		all += n
	}
	for i, n := range h {
		if sum += n; n > 0 && float64(sum) >= q*float64(all) {
			return time.Duration(math.Pow(step, float64(i+1)) * float64(time.Microsecond)).Round(100 * time.Microsecond)
		}
	}
	return 0
}

// measure starts the processes, has them do their work, and prints what it took.
func measure(s *settings, stdout io.Writer) error {
	secret := identity.NewSecret().Current
	balancer, first, err := begin(s, "loadbalancer", order{Secret: secret})
	if err != nil {
		return err
	}
	defer balancer.end()
	server, empty, err := begin(s, "server", order{Secret: secret, Balancer: first.Address})
	if err != nil {
		return err
	}
	defer server.end()
	crowds := make([]*process, s.Processes)
	for i := range crowds {
		if crowds[i], err = spawn(s, "clients"); err != nil {
			return err
		}
		defer crowds[i].end()
	}
	began := time.Now()
	joined, err := askAll(crowds, func(i int) order {
		o := order{Do: "start", Secret: secret, Balancer: first.Address}
		for n := i; n < s.Clients; n += s.Processes {
			o.Users = append(o.Users, fmt.Sprintf("user%d", n))
		}
		return o
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d clients in %d processes came in, in %v\n", s.Clients, s.Processes, time.Since(began).Round(time.Millisecond))
	idle, err := server.ask(order{Do: "look"})
	if err != nil {
		return err
	}
	door, err := balancer.ask(order{Do: "look"})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "a client at rest: %.1f KiB of heap and stacks at the server, %.1f at the load balancer, %.1f in its own process\n",
		each(empty.Usage, idle.Usage, s.Clients), each(first.Usage, door.Usage, s.Clients), each(usage{}, joined[0].Usage, s.Clients/s.Processes))
	var own time.Duration
	for _, r := range joined {
		own += r.Usage.Processor
	}
	fmt.Fprintf(stdout, "to come in took %.1f ms of a processor at the server, %.1f at the load balancer, %.1f at the client\n",
		micros(idle.Usage.Processor, s.Clients)/1000, micros(door.Usage.Processor, s.Clients)/1000, micros(own, s.Clients)/1000)
	return under(s, stdout, server, crowds, empty.Usage, idle.Usage, joined)
}

// under prints how things are under load.
func under(s *settings, stdout io.Writer, server *process, crowds []*process, empty, idle usage, joined []report) error {
	var after report
	var failure error
	var asked sync.WaitGroup
	asked.Go(func() { after, failure = server.ask(order{Do: "load"}) })
	reports, err := askAll(crowds, func(int) order { return order{Do: "load"} })
	if asked.Wait(); err != nil || failure != nil {
		return fmt.Errorf("%w, %w", err, failure)
	}
	if after, err = server.ask(order{Do: "look"}); err != nil {
		return err
	}
	var all outcome
	var spent time.Duration
	for i, r := range reports {
		all.add(r.Load)
		spent += r.Usage.Processor - joined[i].Usage.Processor
	}
	if all.Delivered == 0 {
		return nil
	}
	fmt.Fprintf(stdout, "%d messages of %d bytes, %d acknowledged; %d deliveries of %d in %v: %.0f a second\n",
		all.Sent, s.Bytes, all.Acked, all.Delivered, all.Sent*s.Clients, all.Took.Round(time.Millisecond), float64(all.Delivered)/all.Took.Seconds())
	fmt.Fprintf(stdout, "delay from Send to Events: p50 %v, p99 %v, max %v; servers lost: %d\n",
		all.Delays.quantile(0.5), all.Delays.quantile(0.99), all.Delays.quantile(1), all.Lost)
	fmt.Fprintf(stdout, "processor: %.1f µs a delivery at the server, %.1f at the clients\n",
		micros(after.Usage.Processor-idle.Processor, all.Delivered), micros(spent, all.Delivered))
	fmt.Fprintf(stdout, "a client afterwards: %.1f KiB at the server\n", each(empty, after.Usage, s.Clients))
	return nil
}

// begin starts a process, and what it is.
func begin(s *settings, role string, o order) (*process, report, error) {
	p, err := spawn(s, role)
	if err != nil {
		return nil, report{}, err
	}
	o.Do = "start"
	answer, err := p.ask(o)
	if err != nil {
		p.end()
	}
	return p, answer, err
}

// askAll asks all processes at once.
func askAll(processes []*process, what func(i int) order) ([]report, error) {
	reports, errs := make([]report, len(processes)), make([]error, len(processes))
	var asked sync.WaitGroup
	for i, p := range processes {
		asked.Go(func() { reports[i], errs[i] = p.ask(what(i)) })
	}
	asked.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// each returns what one of n has added to the memory, in KiB.
func each(before, after usage, n int) float64 {
	return (float64(after.Memory) - float64(before.Memory)) / float64(n) / 1024
}

func micros(d time.Duration, n int) float64 { return float64(d.Microseconds()) / float64(n) }
