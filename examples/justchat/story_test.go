package justchat_test

import (
	"fmt"
	"testing"
)

// TestIntroduction is the story of three friends: what they say to all, and what Tony says to Robert alone, while a
// load balancer and a server are lost in between; then the picture of Elon's car, which Tony and Robert take,
// and Natasha, who comes later, gets although the server that had it first is lost too.
func TestIntroduction(t *testing.T) {
	c := newCluster(t, 3, 2)
	elon, tony, robert := c.join("Elon"), c.join("Tony"), c.join("Robert")
	elon.say("hello")
	tony.hears("Elon: hello")
	robert.hears("Elon: hello")
	tony.say("hi Elon")
	elon.hears("Tony: hi Elon")
	robert.hears("Tony: hi Elon")
	whisper(tony, robert, "a surprise for Elon")

	c.balancers[0].Close()
	c.servers[0].stop()

	elon.say("still here")
	tony.say("me too")
	whisper(tony, robert, "shh")
	robert.say("and I")

	elon.wantHeard("Elon: hello", "Tony: hi Elon", "Elon: still here", "Tony: me too", "Robert: and I")
	for _, p := range []*person{tony, robert} {
		p.hears("Robert: and I")
	}

	c.startServer(t.TempDir())
	c.settle()
	picture := c.picture()
	took := c.at(elon.server())
	if sent := elon.shares(picture); sent.Copies != 2 {
		t.Errorf("the picture is on %d servers, want 2", sent.Copies)
	}
	for _, p := range []*person{tony, robert} {
		p.finishes(p.accepts("SELDOM_2016.png"))
		p.wantDownloads(picture)
	}
	took.stop()
	natasha := c.join("Natasha")
	natasha.wantFiles("SELDOM_2016.png")
	natasha.gets("SELDOM_2016.png")
	natasha.wantDownloads(picture)
}

// whisper says something to one person alone, and waits until both sides know that she has it.
func whisper(from, to *person, text string) {
	from.t.Helper()
	number, err := from.SendPrivate(from.t.Context(), to.name, text)
	if err != nil {
		from.t.Fatal(err)
	}
	from.wait("an answer", func() bool { _, ok := from.acked[to.name+fmt.Sprint(number)]; return ok || len(from.failed) > 0 })
	to.hears(from.name + " to me: " + text)
}
