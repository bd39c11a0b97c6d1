package shiviz

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer/loadbalancertest"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

func TestMain(m *testing.M) { runtimetest.Main(m) }

// create returns a log in a new file, and its path.
func create(t *testing.T, host string) (*Log, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), host+".log")
	log, err := Create(file, host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log, file
}

// read closes log and returns its text.
func read(t *testing.T, log *Log, file string) string {
	t.Helper()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// merge joins texts, and checks the outcome as ShiViz would.
func merge(t *testing.T, logs ...string) []event {
	t.Helper()
	var readers []io.Reader
	for _, log := range logs {
		readers = append(readers, strings.NewReader(log))
	}
	var out bytes.Buffer
	if err := Merge(&out, readers...); err != nil {
		t.Fatal(err)
	}
	return check(t, out.String())
}

// shivizDefault is the expression with which ShiViz reads a log, as Go spells it.
var shivizDefault = regexp.MustCompile(`(?P<event>.*)\n(?P<host>\S*) (?P<clock>{.*})\n`)

// check reads a log by that expression alone, and says what is not as it should be: bytes that are no event,
// counts with gaps, hosts without events, effects before causes or that do not know all of them.
func check(t *testing.T, text string) []event {
	t.Helper()
	var events []event
	known := make(map[string]clock) // by host and count
	own := make(clock)
	rest := text
	for rest != "" {
		at := shivizDefault.FindStringSubmatchIndex(rest)
		if at == nil || at[0] != 0 {
			t.Fatalf("got %q, want an event", rest)
		}
		e := event{text: rest[at[2]:at[3]], host: rest[at[4]:at[5]]}
		if err := json.Unmarshal([]byte(rest[at[6]:at[7]]), &e.clock); err != nil {
			t.Fatalf("%q: %v", rest[at[6]:at[7]], err)
		}
		rest = rest[at[1]:]
		own[e.host]++
		if e.clock[e.host] != own[e.host] {
			t.Errorf("%v: got count %d, want %d", e, e.clock[e.host], own[e.host])
		}
		for host, n := range e.clock {
			if host == e.host {
				n--
			}
			if n == 0 {
				continue
			}
			cause, ok := known[fmt.Sprint(host, n)]
			if !ok {
				t.Fatalf("%v: knows event %d of %s, which does not stand before it", e, n, host)
			}
			for h, n := range cause {
				if e.clock[h] < n {
					t.Errorf("%v: got %d for %s, want at least %d, which %s knew", e, e.clock[h], h, n, host)
				}
			}
		}
		known[fmt.Sprint(e.host, own[e.host])] = e.clock
		events = append(events, e)
	}
	return events
}

// texts returns what events say, with the names of hosts without what makes them unique.
func texts(events []event) (texts []string) {
	for _, e := range events {
		host, _, _ := strings.Cut(e.host, "-")
		texts = append(texts, host+": "+e.text)
	}
	return texts
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEventsAreTwoLines(t *testing.T) {
	log, file := create(t, "node one\n{}")
	log.Event(context.Background(), "it begins\nx {\"x\":1}\x1b[2J")
	log.Event(context.Background(), "")
	host := log.host
	if !regexp.MustCompile(`^node_one___-[0-9a-f]{8}$`).MatchString(host) {
		t.Errorf("got host %q, want its name and what makes it unique", host)
	}
	got := read(t, log, file)
	if want := fmt.Sprintf("it begins x {\"x\":1} [2J\n%s {%q:1}\n\n%s {%q:2}\n", host, host, host, host); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	check(t, got)
}

func TestNilLogDoesNothing(t *testing.T) {
	var log *Log
	log.Event(context.Background(), "text")
	if log.Interceptor() != nil || log.Close() != nil {
		t.Error("got something of a nil log, want nothing")
	}
}

// node answers the calls of the test with what the functions say.
type node struct {
	*Log
	file   string
	lb     loadbalancertest.FakeLBService
	server *runtime.Server
}

func newNode(t *testing.T, host string, quiet ...string) *node {
	n := new(node)
	n.Log, n.file = create(t, host)
	n.server = runtime.NewServer(runtime.WithInterceptors(n.Interceptor(quiet...)))
	api.RegisterLBService(n.server, &n.lb)
	return n
}

// to returns a client of other that logs as n.
func (n *node) to(t *testing.T, other *node, quiet ...string) *runtime.Client {
	return runtimetest.InProcess(t, other.server, runtime.WithInterceptors(n.Interceptor(quiet...)))
}

func TestCallsAndReplies(t *testing.T) {
	a, b := newNode(t, "a"), newNode(t, "b", "UpdateClient")
	api.RegisterMessageService(b.server, &loadbalancertest.FakeMessageService{
		JoinChatServiceFunc: func(_ context.Context, setup api.NewClientSetup) iter.Seq2[api.Joined, error] {
			if setup.User == "" {
				return runtimetest.Stream[api.Joined](&api.UnknownUser{})
			}
			return runtimetest.Stream(nil, api.Joined{Name: "1"}, api.Joined{Name: "2"})
		},
		ServerFailedFunc: func(context.Context, string) error { return errors.New("not declared") },
	})
	b.lb.NewNodeFunc = func(context.Context, justchat.ServerNode) error { return nil }
	b.lb.UpdateClientFunc = func(context.Context, []justchat.ClientItem) (start uint64, err error) { return start, nil }
	b.lb.GetCurrentDataFunc = func(context.Context) (data api.CurrentData, err error) { return data, nil }
	caller := a.to(t, b, "loadbalancer.LBService.UpdateClient")
	ctx, lb, message := context.Background(), api.NewLBServiceClient(caller), api.NewMessageServiceClient(caller)
	_ = lb.NewNode(ctx, justchat.ServerNode{}) // what they answer is not asked here: that they are calls is
	_, _ = lb.UpdateClient(ctx, nil)
	_, _ = lb.GetCurrentData(ctx)
	_, _ = lb.GetCurrentData(Quiet(ctx))
	_ = message.ServerFailed(ctx, "")
	runtime.NewMetaClient(caller).Ping(ctx)
	for _, user := range []string{"elon", ""} {
		for _, err := range message.JoinChatService(ctx, api.NewClientSetup{User: user}) {
			_ = err
		}
	}
	caller.Close()
	want(t, texts(merge(t, read(t, b.Log, b.file), read(t, a.Log, a.file))),
		"a: send loadbalancer.LBService.NewNode",
		"a: send loadbalancer.LBService.GetCurrentData",
		"b: receive loadbalancer.LBService.NewNode",
		"b: receive loadbalancer.LBService.GetCurrentData",
		"b: send reply to loadbalancer.LBService.GetCurrentData",
		"a: receive reply to loadbalancer.LBService.GetCurrentData",
		"a: send loadbalancer.MessageService.ServerFailed",
		"a: send loadbalancer.MessageService.JoinChatService",
		"a: send loadbalancer.MessageService.JoinChatService",
		"b: receive loadbalancer.MessageService.ServerFailed",
		"b: receive loadbalancer.MessageService.JoinChatService",
		"b: receive loadbalancer.MessageService.JoinChatService",
		"b: send reply to loadbalancer.MessageService.JoinChatService",
		"a: receive reply to loadbalancer.MessageService.JoinChatService",
	)
}

// Three nodes call each other, and while they answer, the third, from many goroutines.
func TestConcurrentCalls(t *testing.T) {
	nodes := []*node{newNode(t, "a"), newNode(t, "b"), newNode(t, "c")}
	callers := make([][]*api.LBServiceClient, len(nodes))
	var clients []*runtime.Client
	for i, n := range nodes {
		for _, other := range nodes {
			client := n.to(t, other)
			clients = append(clients, client)
			callers[i] = append(callers[i], api.NewLBServiceClient(client))
		}
		n.lb.GetCurrentDataFunc = func(context.Context) (data api.CurrentData, err error) { return data, nil }
		n.lb.NewNodeFunc = func(ctx context.Context, _ justchat.ServerNode) error {
			_, err := callers[i][(i+1)%3].GetCurrentData(ctx)
			return err
		}
	}
	var group sync.WaitGroup
	const goroutines, calls = 4, 25
	for i := range nodes {
		for g := range goroutines {
			group.Go(func() {
				for range calls {
					if err := callers[i][(i+1+g%2)%3].NewNode(context.Background(), justchat.ServerNode{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	for _, client := range clients {
		client.Close()
	}
	var logs []string
	for _, n := range nodes {
		logs = append(logs, read(t, n.Log, n.file))
	}
	if got, want := len(merge(t, logs...)), 3*goroutines*calls*6; got != want {
		t.Errorf("got %d events, want %d", got, want)
	}
}

func TestMergeMendsWhatIsIncomplete(t *testing.T) {
	a := "a1\na {\"a\":1}\n" + "a2\na {\"a\":2, \"b\":3, \"gone\":7}\n" + "torn"
	b := "b1\nb {\"a\":1, \"b\":1}\n" + "b2\nb {\"b\":2, \"a\"\n" + // torn by a kill; the next process goes on
		"d1\nd {\"d\":1, \"a\":2}\n"
	events := merge(t, a, b)
	want(t, texts(events), "a: a1", "b: b1", "a: a2", "d: d1")
	if got, want := events[2].clock.String(), `{"a":2, "b":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := events[3].clock.String(), `{"a":2, "b":1, "d":1}`; got != want {
		t.Errorf("got %s, want %s: what it knows by way of others too", got, want)
	}
}

// Whatever logs there are, what Merge makes of them ShiViz can draw, and so can another Merge.
func FuzzMerge(f *testing.F) {
	f.Add("a1\na {\"a\":1}\na2\na {\"a\":2, \"b\":3}\n", "b1\nb {\"a\":1, \"b\":1}\ntorn")
	f.Add("\na {\"a\":1}\r\n\n", "x\nb {\"b\":1, \"a\":18446744073709551615}\n")
	f.Fuzz(func(t *testing.T, first, second string) {
		var out bytes.Buffer
		if Merge(&out, strings.NewReader(first), strings.NewReader(second)) != nil {
			return
		}
		events := check(t, out.String())
		if again := merge(t, out.String()); len(again) != len(events) {
			t.Errorf("got %d events when merged again, want %d", len(again), len(events))
		}
	})
}

func TestMergeRefusesWhatDoesNotFit(t *testing.T) {
	for _, test := range []struct{ log, want string }{
		{"x\na {\"a\":2}\n", `event 2 of host a ("x") stands where event 1 should`},
		{"x\na {\"a\":1}\ny\na {\"a\":1}\n", "stands where event 2 should"},
		{"x\na {\"a\":1, \"b\":1}\ny\nb {\"a\":1, \"b\":1}\n", "comes after itself"},
	} {
		var out bytes.Buffer
		err := Merge(&out, strings.NewReader(test.log))
		if err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
			t.Errorf("%q: got %v and %q, want %q and nothing written", test.log, err, &out, test.want)
		}
	}
}

func TestRestartGoesOnInTheSameFile(t *testing.T) {
	log, file := create(t, "a")
	log.Event(context.Background(), "before")
	log.Close()
	if err := os.WriteFile(file, append([]byte(read(t, log, file)), "torn"...), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Create(file, "a")
	if err != nil {
		t.Fatal(err)
	}
	again.Event(context.Background(), "after")
	if again.host == log.host {
		t.Errorf("got host %s again, want another", again.host)
	}
	events := merge(t, read(t, again, file))
	if len(events) != 2 {
		t.Errorf("got %v, want two events", events)
	}
}

func TestWrittenEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, file := create(t, "a")
		log.Event(context.Background(), "text")
		time.Sleep(flushEvery)
		synctest.Wait()
		if text, _ := os.ReadFile(file); len(text) == 0 {
			t.Error("got nothing in the file after a second, want the event")
		}
		log.Close()
	})
}

func TestDiskFails(t *testing.T) {
	log, _ := create(t, "a")
	log.file.Close()
	log.Event(context.Background(), "lost")
	log.flush()
	log.Event(context.Background(), "not even tried")
	log.mutex.Lock()
	if len(log.waiting) > 0 || log.clock[log.host] != 2 {
		t.Errorf("got %d bytes and count %d, want none and 2", len(log.waiting), log.clock[log.host])
	}
	log.mutex.Unlock()
	if err := log.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want the disk's error", err)
	}
}

func TestStrangersClocks(t *testing.T) {
	log, file := create(t, "a")
	for _, text := range []string{"", "-", "null", "[]", `{"x":-1}`, `{"x":1.5}`, `{"x":"y"}`, "{", strings.Repeat("[", 8000)} {
		if c, ok := parseClock(text); ok {
			t.Errorf("%.20q: got %v, want no clock", text, c)
		}
	}
	seen, ok := parseClock(fmt.Sprintf(`{%q:900, "with blank":1, "":1, "zero":0, "fine":3, %q:1}`, log.host, strings.Repeat("x", 65)))
	if !ok {
		t.Fatal("got no clock, want one")
	}
	log.event("x", seen)
	many := make(clock)
	for i := range 2 * maxHosts {
		many[fmt.Sprint("host", i)] = 1
	}
	if carried := log.event("y", many); len(carried) > maxCarried || !strings.Contains(carried, log.host+`":2`) {
		t.Errorf("got %d bytes to carry, want %d at most, and the own count in them", len(carried), maxCarried)
	}
	if len(log.clock) != maxHosts {
		t.Errorf("got %d hosts, want %d", len(log.clock), maxHosts)
	}
	first, _, _ := strings.Cut(read(t, log, file), "\ny\n")
	if want := fmt.Sprintf("x\n%s {%q:1, \"fine\":3}", log.host, log.host); first != want {
		t.Errorf("got %q, want %q", first, want)
	}
}
