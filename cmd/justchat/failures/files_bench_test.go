package failures_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkFile is how fast a file of 1 GiB goes each way that files go, beside the floor: a plain copy over one TLS
// connection, see floor. Each iteration makes one run of each, in turns, all on this machine, whose processors they share: of
// two hops each has half of them. Times begin when the receiver says that she wants the file, or when the sharer has read it to
// the end; they end when it is on the last disk that it goes to, whole and checked. The processors' time of all processes that take part
// says more than the clock where something else runs too.
func BenchmarkFile(b *testing.B) {
	const size = 1 << 30
	path := writeFile(b, "big.bin", size)
	runs, hops := make(map[string][]cost), 0
	b.SetBytes(size)
	for b.Loop() {
		c := newCluster(b, 1, 1, 2)
		open := fileBench{c, path, c.sits("Elon"), c.sits("Tony")}
		shy := fileBench{c, path, c.sits("Pepper", "-no-direct"), c.sits("Natasha", "-no-direct")}
		hops = shy.hops()
		for _, run := range []struct {
			way string
			do  func() cost
		}{
			{"floor", func() cost { return floor(b, path) }},
			{"direct", open.private},
			{"relayed", shy.private},
			{"upload", open.upload},
			{"download", open.download},
		} {
			touchMemory(b)
			runs[run.way] = append(runs[run.way], run.do())
		}
		c.vanish(open.from, open.to, shy.from, shy.to)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(0, "MB/s")
	floor := median(runs["floor"])
	for _, way := range []string{"floor", "direct", "relayed", "upload", "download"} {
		m := median(runs[way])
		over := max(map[string]int{"relayed": hops, "upload": 2}[way], 1)
		b.Logf("%-8s %d hops, %4.0f MB/s, %.2f times the floor's time, %.2f times its processors' time; each run %v", way, over,
			size/1e6/m.took.Seconds(), m.took.Seconds()/floor.took.Seconds(), m.cpu.Seconds()/floor.cpu.Seconds(), runs[way])
		b.ReportMetric(size/1e6/m.took.Seconds(), way+"-MB/s")
	}
}

// vanish ends all nodes and clients, and removes what they have kept.
func (c *cluster) vanish(clients ...*terminal) {
	c.t.Helper()
	for _, p := range clients {
		p.kill()
	}
	for _, n := range slices.Concat(c.servers, c.balancers, c.members) {
		n.kill()
	}
	if err := os.RemoveAll(c.dir); err != nil {
		c.t.Error(err)
	}
}

// A cost is what a run took: by the clock, and of the processors, of all processes together.
type cost struct{ took, cpu time.Duration }

func (c cost) String() string { return fmt.Sprintf("%.2fs/%.2fs", c.took.Seconds(), c.cpu.Seconds()) }

// median returns the middle of each.
func median(runs []cost) cost {
	var took, cpu []time.Duration
	for _, c := range runs {
		took, cpu = append(took, c.took), append(cpu, c.cpu)
	}
	slices.Sort(took)
	slices.Sort(cpu)
	return cost{took[len(took)/2], cpu[len(cpu)/2]}
}

// measure returns what the nodes, and these two, need until done returns.
func (f *fileBench) measure(done func()) cost {
	processes := []*process{f.from.process, f.to.process}
	for _, server := range f.c.servers {
		processes = append(processes, server.process)
	}
	cpu := func() (all time.Duration) {
		for _, p := range processes {
			all += p.cpu()
		}
		return all
	}
	before, began := cpu(), time.Now()
	done()
	return cost{time.Since(began), cpu() - before}
}

// cpu is how much of the processors' time a process has had. The kernel counts it in hundredths of a second.
func (p *process) cpu() time.Duration {
	p.t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0 // this system does not tell
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	kernel, _ := strconv.Atoi(fields[12])
	return time.Duration(user+kernel) * time.Second / 100
}

// A fileBench is two people between whom a file goes.
type fileBench struct {
	c        *cluster
	path     string
	from, to *terminal
}

// hops is over how many connections a file goes that is relayed.
func (f *fileBench) hops() int {
	if f.from.server() == f.to.server() {
		return 2
	}
	return 3
}

// private brings the file from one to the other.
func (f *fileBench) private() cost {
	f.c.t.Helper()
	f.mark()
	f.from.types("#share #" + f.to.user + " #" + f.path)
	took := f.accepts()
	f.from.hears("Received by " + f.to.user)
	return took
}

// upload brings the file to two servers.
func (f *fileBench) upload() cost {
	f.c.t.Helper()
	name := filepath.Base(f.path)
	f.mark()
	f.from.types("#share #" + f.path)
	f.from.hears("sharing " + name)
	return f.measure(func() { f.from.hears(name + " is shared with all (2 copies)") })
}

// download brings it from there to the other one.
func (f *fileBench) download() cost { return f.accepts() }

// mark has what follows be about this run.
func (f *fileBench) mark() {
	f.from.mark()
	f.to.mark()
}

// accepts has the receiver take the file that she is offered, waits for it, and removes it.
func (f *fileBench) accepts() cost {
	f.c.t.Helper()
	name := filepath.Base(f.path)
	number := f.to.offered(f.from.user, name)
	var got string
	took := f.measure(func() {
		f.to.types("#accept " + number)
		got = f.to.received(name)
	})
	wantSame(f.c.t, got, f.path)
	if err := os.Remove(got); err != nil {
		f.c.t.Error(err)
	}
	return took
}
