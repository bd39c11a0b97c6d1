//go:build system

package failures_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A flood is a thousand messages a second on the full screen of somebody who is writing something.
type flood struct {
	c     *cluster
	tony  *person // who says them
	elon  *screen
	sent  int
	began time.Time
	used  time.Duration // of the processor, by Elon's client, before
}

// floodRate is in messages a second.
const floodRate = 1000

// talk is what messages are pieces of, each another one: a row that stays as it is would cost nothing to draw.
const talk = "the quick brown fox jumps over the lazy dog, and while it does somebody types what nobody reads, since it has gone over the upper edge before it was seen"

// draft is what Elon writes meanwhile: wide characters, one of several code points, and half a word.
const draft = "a draft: 李小龍, e\u0301, 👩\u200d💻 and half a wo"

func newFlood(t testing.TB) *flood {
	t.Helper()
	f := &flood{c: newCluster(t, 1, 1, 1)}
	f.tony = f.c.join("Tony")
	f.elon = newTmux(t).sit(seat{user: "Elon", addresses: f.c.addresses, shell: "exec %s"})
	f.elon.sees(`2 here`)
	f.elon.types(draft)
	f.elon.sees(`^› a draft: .*half a wo$`)
	f.used, f.began = processor(t, f.elon.pid()), time.Now()
	return f
}

// next says the next message, when it is time.
func (f *flood) next() {
	if ahead := time.Until(f.began.Add(time.Duration(f.sent) * time.Second / floodRate)); ahead > 10*time.Millisecond {
		time.Sleep(ahead) // the rate is what is asked for
	}
	f.sent++
	from := f.sent * 7 % (len(talk) / 2)
	text := fmt.Sprintf("message %d: %s", f.sent, talk[from:from+20+f.sent%60])
	if _, err := f.tony.say(f.c.t.Context(), text); err != nil {
		f.c.t.Fatal(err)
	}
}

// ends waits until Elon sees the last message, and returns how much of a processor his client has used. It checks that his
// draft is the same.
func (f *flood) ends() (cores float64) {
	t := f.c.t
	t.Helper()
	f.elon.sees(fmt.Sprintf(`^Tony: message %d: `, f.sent))
	took := time.Since(f.began)
	cores = (processor(t, f.elon.pid()) - f.used).Seconds() / took.Seconds()
	if rate := float64(f.sent) / took.Seconds(); rate < 0.9*floodRate {
		t.Errorf("got %.0f messages a second on the screen, want %d", rate, floodRate)
	}
	f.elon.types("rd")
	f.elon.presses("Enter")
	f.elon.sees(`^a draft: .*half a word$`)
	f.tony.tell("thank you")
	messages, err := f.tony.History(t.Context(), nil, 2)
	if err != nil || len(messages) != 2 || messages[0].Text != draft+"rd" {
		t.Errorf("got %+v, %v, want the draft %q", messages, err, draft+"rd")
	}
	return cores
}

// processor returns the processor time that a process has used so far.
func processor(t testing.TB, pid int) time.Duration {
	t.Helper()
	if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); program != binary {
		t.Fatalf("process %d is %s, %v, not the client", pid, program, err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may have blanks
	fields := strings.Fields(rest)
	ticks := 0
	for _, field := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	const perSecond = 100 // USER_HZ
	return time.Duration(ticks) * time.Second / perSecond
}

// TestSystemFlood: ten seconds of it leave the draft as it is, and more than half of a processor to others.
func TestSystemFlood(t *testing.T) {
	f := newFlood(t)
	for range 10 * floodRate {
		f.next()
	}
	cores := f.ends()
	t.Logf("%d messages at %d a second: the client has used %.2f of a processor", f.sent, floodRate, cores)
	if cores >= 0.5 {
		t.Errorf("got %.2f of a processor, want less than half", cores)
	}
}

// BenchmarkFlood measures the same for as many messages as it is told:
//
//	go test -tags system -run '^$' -bench Flood -benchtime 10000x ./cmd/justchat/failures
func BenchmarkFlood(b *testing.B) {
	f := newFlood(b)
	for b.Loop() {
		f.next()
	}
	b.ReportMetric(f.ends(), "cores")
}
