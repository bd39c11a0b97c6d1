package failures_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/parley-rpc/parley/generated/justchat"
)

// TestNoQuorum stops one of the registry's three members and kills another: the room goes on, and takes nobody new until
// one is back.
func TestNoQuorum(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, 3, 2)
	people := c.joinAll("Elon", "Tony")
	people[0].tell("with a quorum")
	pepper := c.join("Pepper")
	pepper.stop()

	c.members[0].signal(syscall.SIGSTOP)
	c.members[1].kill()

	people[0].tell("without")
	people[1].tell("nobody has noticed")
	again := c.join("Pepper")
	again.late = true
	again.tell("I was here before")
	natasha := c.begin("Natasha")
	natasha.wait("a refusal", func() bool { return natasha.ended != nil })
	if refused := (*justchat.NoQuorum)(nil); !errors.As(natasha.ended, &refused) {
		t.Errorf("signing up ended with %v, want a NoQuorum", natasha.ended)
	}
	t.Logf("Natasha is told: %v", natasha.ended)
	c.servers[0].kill() // and what needs no decision survives one more
	people[0].tell("one server less")
	people[1].tell("no matter")

	c.members[0].signal(syscall.SIGCONT)
	c.members[1].again()
	c.servers[0].again()
	bruce := c.signsUpInTheEnd("Bruce")
	bruce.late = true
	bruce.tell("hello")
	people[0].wait("Bruce", func() bool { return people[0].highest["Bruce"] == 1 })
	c.settle()
	check(c, append(people, again, bruce))
}

// signsUpInTheEnd tries until the registry can decide.
func (c *cluster) signsUpInTheEnd(name string) *person {
	c.t.Helper()
	for {
		p := c.begin(name)
		p.wait("an answer", func() bool { return p.ended != nil || p.state.Server != "" })
		p.mu.Lock()
		err := p.ended
		p.mu.Unlock()
		if refused := (*justchat.NoQuorum)(nil); !errors.As(err, &refused) {
			p.connected()
			return p
		}
	}
}
