package runtimetest

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// A Log is a log that a test reads. The zero value is empty and ready; any number of
// goroutines may use it at once.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Logger returns a logger that writes into l what has the level or a higher one, a
// line of text for each record.
func (l *Log) Logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level}))
}

// Write implements [io.Writer]. Its error is always nil.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String returns what was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Want reports an error of the test unless l is one line that contains all the words.
func (l *Log) Want(t testing.TB, words ...string) {
	t.Helper()
	text := l.String()
	if got := strings.Count(text, "\n"); got != 1 {
		t.Errorf("got %d log lines, want 1:\n%s", got, text)
	}
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("got log %q, want it to contain %q", text, word)
		}
	}
}
