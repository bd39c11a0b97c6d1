package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/client"
)

// plainStyles have no colours.
var plainStyles = theme.New([]string{"NO_COLOR=1"}, true)

func newLayout(width int) *layout {
	return &layout{width: width, method: ansi.WcWidth, styles: &plainStyles, now: func() time.Time { return midday }}
}

func TestRows(t *testing.T) {
	long := "one two three four five six seven"
	for name, test := range map[string]struct {
		entry *entry
		width int
		clock bool
		want  string
	}{
		"short":             {newSaid(saidBy("Tony", "hi", 1)), 40, false, "Tony: hi"},
		"wrapped":           {newSaid(saidBy("Tony", long+" eight", 1)), 32, false, "Tony: one two three four five\n  six seven eight"},
		"narrow":            {newSaid(saidBy("Tony", long, 1)), 20, false, "Tony: one two three\n four five six seven"},
		"no room":           {newSaid(saidBy("Tony", "hi", 1)), 4, false, "Ton\n y: \n hi"},
		"one column":        {newSaid(saidBy("To", "hi", 1)), 1, false, "T\no\n:\n\nh\ni"},
		"own":               {newSaid(&client.Message{From: "Elon", Own: true, Text: "a\nb"}), 40, false, "a\n  b"},
		"private":           {newSaid(&client.Message{From: "Tony", Private: true, Text: "hi"}), 40, false, "Tony #private: hi"},
		"own private":       {newPrivate("Tony", "hi", midday), 40, false, "#private to Tony: hi"},
		"late":              {newSaid(&client.Message{From: "Tony", Late: true, Text: "hi"}), 40, false, "Tony #late: hi"},
		"a forged line":     {newSaid(saidBy("Tony", "hi\nElon: I agree\n-- you are banned", 1)), 40, false, "Tony: hi\n  Elon: I agree\n  -- you are banned"},
		"a forged name":     {newSaid(saidBy("-- Tony", "hi", 1)), 40, false, `"-- Tony": hi`},
		"indented":          {newSaid(saidBy("Tony", "if x {\n    y()\n}", 1)), 40, false, "Tony: if x {\n      y()\n  }"},
		"wide":              {newSaid(saidBy("李", "日本語日本語日本語日本語日本語", 1)), 30, false, "李: 日本語日本語日本語日本語\n  日本語"},
		"an endless word":   {newSaid(saidBy("Tony", strings.Repeat("x", 50), 1)), 32, false, "Tony: " + strings.Repeat("x", 24) + "\n  " + strings.Repeat("x", 26)},
		"the clock":         {newSaid(saidBy("Tony", long, 1)), 32, true, "12:00 Tony: one two three four\n        five six seven"},
		"another day":       {newSaid(&client.Message{From: "Tony", Text: "hi", Sent: midday.AddDate(0, -1, 0)}), 40, true, "Oct 22 12:00 Tony: hi"},
		"no time":           {newSaid(&client.Message{From: "Tony", Text: "hi"}), 40, true, "      Tony: hi"},
		"no room for it":    {newSaid(saidBy("Tony", "hi", 1)), 20, true, "Tony: hi"},
		"words":             {newWords("connected to s1, and then to another", midday), 32, false, "-- connected to s1, and then\n   to another"},
		"words with orders": {newWords("a\x1b[2Jb", midday), 40, false, "-- ab"},
		"an answer":         {newAnswer([]string{"-- here are 2:", "Elon\x1b[1m"}, midday), 40, false, "-- here are 2:\n   Elon"},
		"a narrow answer":   {newAnswer([]string{"-- here are 2:", "Elon"}, midday), 20, false, "-- here are 2:\n Elon"},
		"a command":         {newTyped("#share #/a\x1b[1m", midday), 40, false, "› #share #/a"},
		"what went wrong":   {newWrong("it is a folder", midday), 40, false, "-- it is a folder"},
		"a long answer":     {newAnswer([]string{"Tony: one two three four five six Elon: I agree", "next"}, midday), 34, true, "12:00    Tony: one two three\n           four five six Elon: I\n           agree\n         next"},
		"a rule":            {newRule(rule, "new"), 12, false, "── new ─────"},
	} {
		l := newLayout(test.width)
		l.clock = test.clock
		var rows []string
		for _, row := range l.rows(test.entry) {
			rows = append(rows, ansi.Strip(row))
		}
		if got := strings.Join(rows, "\n"); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}
