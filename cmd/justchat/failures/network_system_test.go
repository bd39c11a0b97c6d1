//go:build system

package failures_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A lan is a network of machines: network namespaces, each with a cable to a bridge, at which the test is too.
type lan struct {
	t      testing.TB
	name   string
	subnet string // its first three bytes
}

// lans counts them, so that each has a name of its own.
var lans atomic.Int32

// newLAN makes a network of so many machines. It goes with the test.
func newLAN(t testing.TB, machines int) *lan {
	own := os.Getpid() + int(lans.Add(1)) // the kernel takes its time to forget the names of the last one
	l := &lan{t: t, name: fmt.Sprintf("jc%d", own), subnet: fmt.Sprintf("198.18.%d", own%256)}
	t.Cleanup(func() { l.run("link", "del", l.name) })
	l.run("link", "add", l.name, "type", "bridge")
	l.run("addr", "add", l.address(1)+"/24", "dev", l.name)
	l.run("link", "set", l.name, "up")
	for i := range machines {
		space, inside := l.space(i), l.cable(i)+"i"
		t.Cleanup(func() { l.run("netns", "del", space) })
		l.run("netns", "add", space)
		l.run("link", "add", l.cable(i), "type", "veth", "peer", "name", inside)
		l.run("link", "set", l.cable(i), "master", l.name, "up")
		l.run("link", "set", inside, "netns", space)
		l.run("-n", space, "addr", "add", l.address(i+2)+"/24", "dev", inside)
		l.run("-n", space, "link", "set", inside, "up")
		l.run("-n", space, "link", "set", "lo", "up")
	}
	return l
}

func (l *lan) run(args ...string) {
	l.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		l.t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (l *lan) address(host int) string  { return fmt.Sprintf("%s.%d", l.subnet, host) }
func (l *lan) space(machine int) string { return fmt.Sprintf("%s-%d", l.name, machine) }
func (l *lan) cable(machine int) string { return fmt.Sprintf("%sv%d", l.name, machine) }
func (l *lan) machine(i int) machine {
	return machine{l.address(i + 2), []string{"ip", "netns", "exec", l.space(i)}}
}
func (l *lan) unplug(machine int) { l.run("link", "set", l.cable(machine), "down") }
func (l *lan) plug(machine int)   { l.run("link", "set", l.cable(machine), "up") }

// TestSystemCutOff cuts servers off by the network, which tells nobody, and expects their clients to go on elsewhere
// soon. Servers that are back have what they have missed.
func TestSystemCutOff(t *testing.T) {
	l := newLAN(t, 3)
	c := &cluster{t: t, dir: t.TempDir(), binary: binary, host: l.address(1), machine: l.machine}
	c.startAll(1, 3, 3)
	f := newFailovers(c, 20*time.Millisecond)
	for range 20 {
		f.lose(l.unplug, l.plug)
	}
	t.Log(f)
	if worst := f.quantile(1); worst > 2*time.Second { // half a second is the goal, on a machine that does nothing else
		t.Errorf("a client was without a server for %v", worst)
	}
	f.stop()
	check(c, f.people)
}
