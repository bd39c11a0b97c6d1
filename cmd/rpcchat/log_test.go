package main

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"testing"
)

// TestLogLines: each record is one line after its time, and drives no terminal.
func TestLogLines(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newLineHandler(&out))
	log.Info("*** alice has logged in")
	log.Info("*** eve\x1b[2J\n00:00:00 *** bob has logged out")
	log.Warn("refused", "reason", errors.New("no\x07"), "remote", "[::1]:1")
	log.With("a", 1).WithGroup("g").Error("broken", "b", 2)
	got := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `).ReplaceAllString(out.String(), "TIME ")
	want := "TIME *** alice has logged in\n" +
		"TIME *** eve\ufffd[2J 00:00:00 *** bob has logged out\n" +
		"TIME WARN refused reason=\"no\\a\" remote=[::1]:1\n" +
		"TIME ERROR broken a=1 g.b=2\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
