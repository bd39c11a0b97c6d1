package kitchen_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/kitchen/kitchen"
	"example.test/kitchen/pantry"
	"github.com/parley-rpc/parley/runtime"
)

// cook is the Kitchen behind the stubs.
type cook struct{ kitchen.Kitchen }

func (cook) Ping(context.Context) error { return nil }

func (cook) Cook(_ context.Context, dish string, heat kitchen.Heat, extras []string) (kitchen.Scalars, []byte, error) {
	if heat == kitchen.HeatHigh {
		return kitchen.Scalars{}, nil, &kitchen.Burnt{What: dish}
	}
	served := kitchen.Scalars{Text: dish, Heat: heat, At: time.Unix(5, 6).UTC(), Found: pantry.FoundCrumb{Value: uint8(len(extras))}}
	return served, []byte{}, nil
}

func (cook) Sort(_ context.Context, jars []pantry.Jar, by map[string]*bool) ([]pantry.Jar, error) {
	if down := by["label"]; down == nil || *down {
		return nil, &pantry.Missing{What: "way down"}
	}
	slices.SortFunc(jars, func(a, b pantry.Jar) int { return strings.Compare(a.Label, b.Label) })
	return jars, nil
}

// loop is a Registrar and a Caller: its calls go to what is registered with it.
type loop struct{ handlers map[uint16]runtime.Handler }

func (l *loop) Register(s runtime.Service) {
	for _, h := range s.Handlers {
		if h.Method.Type>>8 == uint16(s.Number) {
			l.handlers[h.Method.Type] = h
		}
	}
}

func (l *loop) Call(ctx context.Context, call *runtime.Call) error {
	h, ok := l.handlers[call.Method.Type]
	if !ok || h.Method != call.Method {
		return errors.New("no such method")
	}
	callee := runtime.NewCall(h.Method)
	callee.In.Reset(slices.Clone(call.Out), h.Method.Classic)
	if err := h.Handle(ctx, callee); err != nil {
		return err
	}
	call.In.Reset(callee.Out, false)
	return nil
}

func (l *loop) Open(context.Context, *runtime.Call) (runtime.Stream, error) {
	return nil, errors.New("no streams")
}

func TestUnaryCalls(t *testing.T) {
	l := &loop{map[uint16]runtime.Handler{}}
	kitchen.RegisterKitchen(l, cook{})
	var client kitchen.Kitchen = kitchen.NewKitchenClient(l)
	ctx := t.Context()
	if err := client.Ping(ctx); err != nil {
		t.Error(err)
	}
	served, left, err := client.Cook(ctx, "soup", kitchen.HeatLow, []string{"salt"})
	want := kitchen.Scalars{Text: "soup", Heat: kitchen.HeatLow, At: time.Unix(5, 6).UTC(), Found: pantry.FoundCrumb{Value: 1}}
	if !reflect.DeepEqual(served, want) || left == nil || len(left) > 0 || err != nil {
		t.Errorf("got %+v, %#v, %v, want %+v", served, left, err, want)
	}
	var burnt *kitchen.Burnt
	if _, _, err = client.Cook(ctx, "soup", kitchen.HeatHigh, nil); !errors.As(err, &burnt) || burnt.What != "soup" {
		t.Errorf("got %v, want *Burnt", err)
	}
	down := false
	jars, err := client.Sort(ctx, []pantry.Jar{{Label: "b"}, {Label: "a"}}, map[string]*bool{"label": &down, "other": nil})
	if want := []pantry.Jar{{Label: "a"}, {Label: "b"}}; !reflect.DeepEqual(jars, want) || err != nil {
		t.Errorf("got %v, %v, want %v", jars, err, want)
	}
}

func TestBadParametersDoNotReachTheService(t *testing.T) {
	l := &loop{map[uint16]runtime.Handler{}}
	kitchen.RegisterKitchen(l, nil) // would panic
	for number, params := range map[uint16]string{0x0101: "\x00\x09short", 0x0102: "\xff\xfe"} {
		call := runtime.NewCall(l.handlers[number].Method)
		call.In.Reset([]byte(params), false)
		if err := l.handlers[number].Handle(t.Context(), call); err == nil {
			t.Errorf("method %#x took the parameters %q", number, params)
		}
	}
}

// tape is a Caller whose streams give what was recorded and record what is sent.
type tape struct {
	incoming [][]byte
	reply    []byte
	params   string
	sent     []string
	canceled error
}

func (s *tape) Call(context.Context, *runtime.Call) error { return errors.New("not unary") }

func (s *tape) Open(_ context.Context, call *runtime.Call) (runtime.Stream, error) {
	s.params = string(call.Out)
	return s, nil
}

func (s *tape) Send(item []byte) error { s.sent = append(s.sent, string(item)); return nil }
func (s *tape) CloseSend() error       { s.sent = append(s.sent, "end"); return nil }
func (s *tape) Cancel(err error)       { s.canceled = err }

func (s *tape) Receive() ([]byte, error) {
	if len(s.incoming) == 0 {
		return nil, io.EOF
	}
	item := s.incoming[0]
	s.incoming = s.incoming[1:]
	return item, nil
}

func (s *tape) Reply(call *runtime.Call) error {
	call.In.Reset(s.reply, false)
	return nil
}

func TestResultStream(t *testing.T) {
	s := &tape{incoming: [][]byte{kitchen.WriteEvent(nil, kitchen.EventSaid{Value: "a"}), kitchen.WriteEvent(nil, nil)}}
	events := kitchen.NewKitchenClient(s).Watch(t.Context(), 7)
	if s.params != "" {
		t.Error("the call was made before its result was ranged over")
	}
	got := collect(t, events)
	if want := []kitchen.Event{kitchen.EventSaid{Value: "a"}, nil}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if want := "\x00\x00\x00\x00\x00\x00\x00\x07"; s.params != want {
		t.Errorf("parameters: got %q, want %q", s.params, want)
	}
}

func TestParameterStream(t *testing.T) {
	s := &tape{reply: []byte("\x00\x02id\x00\x00\x00\x09")}
	id, size, err := kitchen.NewKitchenClient(s).Put(t.Context(), "jam", sequence([]byte("ab"), nil))
	if id != "id" || size != 9 || err != nil {
		t.Errorf("got %q, %d, %v, want id, 9", id, size, err)
	}
	if want := []string{"\x00\x02ab", "\x00\x00", "end"}; !slices.Equal(s.sent, want) {
		t.Errorf("sent %q, want %q", s.sent, want)
	}
	mine := errors.New("mine")
	err = kitchen.NewKitchenClient(s).Drop(t.Context(), func(yield func(string, error) bool) { yield("", mine) })
	if err != mine || s.canceled == nil {
		t.Errorf("got %v, cancelled with %v, want the iterator's own error", err, s.canceled)
	}
}

func TestStreamsBothWays(t *testing.T) {
	s := &tape{incoming: [][]byte{{0, 1, 0, 1, 'k', 0, 0, 0, 0}}}
	lines := func(func([]string, error) bool) {}
	got := collect(t, kitchen.NewKitchenClient(s).Talk(t.Context(), "me", lines))
	if want := []map[string]kitchen.Event{{"k": nil}}; !reflect.DeepEqual(got, want) || s.params != "\x00\x02me" {
		t.Errorf("got %v after parameters %q, want %v", got, s.params, want)
	}
}

func TestStreamsNeedASession(t *testing.T) {
	client := kitchen.NewKitchenClient(runtime.Classic("127.0.0.1:1"))
	for _, err := range client.Watch(t.Context(), 0) {
		if runtime.CodeOf(err) != runtime.CodeUnimplemented {
			t.Errorf("got %v, want unimplemented", err)
		}
	}
}

func sequence[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

func collect[T any](t *testing.T, items iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, item)
	}
	return all
}

// counter is the Counter of the classic tests.
type counter struct{ totals map[string]uint32 }

func (c *counter) Add(_ context.Context, name string, by uint16) (uint32, []string, error) {
	if name == "" {
		return 1, []string{"not to be seen"}, errors.New("a counter needs a name")
	}
	c.totals[name] += uint32(by)
	names, _ := c.Names(context.Background())
	return c.totals[name], names, nil
}

func (c *counter) Reset(_ context.Context, name string) error { delete(c.totals, name); return nil }

func (c *counter) Names(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(c.totals)), nil
}

func (c *counter) Show(_ context.Context, card kitchen.Card) (kitchen.Card, pantry.Found, kitchen.Event, error) {
	return card, pantry.FoundCrumb{Value: 2}, card.Event, nil
}

func TestClassicService(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := runtime.NewServer()
	kitchen.RegisterCounter(server, &counter{map[string]uint32{}})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() { server.Close(); <-served }()
	address := listener.Addr().String()

	total, names, err := kitchen.AddRPC(address, "b", 2)
	if total != 2 || !slices.Equal(names, []string{"b"}) || err != nil {
		t.Errorf("AddRPC: got %d, %v, %v, want 2, [b]", total, names, err)
	}
	client := kitchen.NewCounterClient(runtime.Classic(address))
	if total, names, err = client.Add(t.Context(), "", 1); total != 0 || names != nil || err == nil || err.Error() != "a counter needs a name" {
		t.Errorf("Add without a name: got %d, %v, %v, want the service's error alone", total, names, err)
	}
	card := kitchen.Card{Name: "x", Tags: []string{"t"}, Event: kitchen.EventSaid{Value: "s"}}
	shown, found, event, err := kitchen.ShowRPC(address, card)
	if !reflect.DeepEqual(shown, card) || found != (pantry.FoundCrumb{Value: 2}) || event != card.Event || err != nil {
		t.Errorf("ShowRPC: got %+v, %v, %v, %v", shown, found, event, err)
	}
	if err := kitchen.ResetRPC(address, "b"); err != nil {
		t.Error(err)
	}
	if names, err := kitchen.NamesRPC(address); names != nil || err != nil {
		t.Errorf("NamesRPC: got %v, %v, want none", names, err)
	}
}

func TestClassicServerStub(t *testing.T) {
	service := &counter{map[string]uint32{}}
	got := kitchen.AddServerStub(t.Context(), service, []byte("\x00\x01a\x00\x05"))
	if want := "\x00\x00\x00\x05\x00\x01\x00\x01a\x00\x00"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = kitchen.AddServerStub(t.Context(), service, []byte("\x00\x00\x00\x05"))
	if want := "\x00\x00\x00\x00\x00\x00\x00\x16a counter needs a name"; string(got) != want {
		t.Errorf("the service's error: got %q, want %q", got, want)
	}
	got = kitchen.AddServerStub(t.Context(), service, []byte("\x00\x01a"))
	if !strings.HasPrefix(string(got), "\x00\x00\x00\x00\x00\x00") || !strings.Contains(string(got), "by at offset") {
		t.Errorf("a missing parameter: got %q, want zero results and an error about by", got)
	}
}

func TestPackage(t *testing.T) {
	p := kitchen.Package
	if p.Path != "kitchen" || p.IDL != kitchen.IDL || !strings.HasPrefix(p.IDL, "-- kitchen/kitchen.parley --\n") {
		t.Errorf("got %q: %q", p.Path, p.IDL)
	}
	if len(p.Imports) != 1 || p.Imports[0] != pantry.Package {
		t.Errorf("imports %v, want pantry's", p.Imports)
	}
}
