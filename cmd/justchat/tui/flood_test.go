package tui

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// TestFlood: ten thousand messages, as fast as they can be shown, leave a draft as it is, in a whole program.
func TestFlood(t *testing.T) {
	const count = 10_000
	feed := newFeed()
	m := newModel(t.Context(), newRoom(), feed, Config{Client: client.Config{User: "Elon"}})
	p := teatest.NewTestModel(t, m, teatest.WithInitialTermSize(80, 24))
	go feed.run(t.Context(), p.Send)
	feed.put(t.Context(), &client.State{Kind: client.Joined, Name: "Elon"})
	teatest.WaitFor(t, p.Output(), func(out []byte) bool { return bytes.Contains(out, []byte("you are here as Elon")) }, teatest.WithDuration(10*time.Second))
	p.Type("a draft, 日本")
	p.Send(tea.KeyPressMsg{Code: tea.KeyLeft})
	for i := range uint64(count) {
		feed.put(t.Context(), saidBy("Tony", fmt.Sprintf("message %d", i+1), i+1))
	}
	feed.put(t.Context(), saidBy("Robert", "is that all?", 1))
	teatest.WaitFor(t, p.Output(), func(out []byte) bool { return bytes.Contains(out, []byte("is that all?")) }, teatest.WithDuration(30*time.Second))
	p.Type("語")
	p.Send(tea.QuitMsg{})
	final := p.FinalModel(t, teatest.WithFinalTimeout(10*time.Second)).(*model)
	if got, want := final.input.value(), "a draft, 日語本"; got != want {
		t.Errorf("got the draft %q, want %q", got, want)
	}
}

// BenchmarkFrame measures a frame of a flood of 1,000 messages a second: taking them, and the screen's new content. A core is
// 50 ms of every frame.
func BenchmarkFrame(b *testing.B) {
	feed := newFeed()
	m := newModel(b.Context(), newRoom(), feed, Config{Client: client.Config{User: "Elon"}})
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	feed.put(b.Context(), &client.State{Kind: client.Joined, Name: "Elon"})
	m.Update(frameMsg{})
	number := uint64(0)
	for b.Loop() {
		for range 1000 * frame / time.Second {
			number++
			feed.put(b.Context(), saidBy("Tony", fmt.Sprintf("message %d of a flood that is as long as messages usually are", number), number))
		}
		m.Update(frameMsg{})
		if m.View().Content == "" {
			b.Fatal("got an empty screen")
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/frame.Seconds(), "cores")
}
