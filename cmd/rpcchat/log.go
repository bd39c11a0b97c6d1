package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/rpcchat/client"
)

// lineHandler writes records as the classic server's log has them, one line
// each, with what is more than the message behind it:
//
//	15:04:05 *** alice has logged in
//	15:04:05 WARN classic request refused reason="…" remote=127.0.0.1:50512
//
// No line can drive the terminal, whatever a peer sent.
type lineHandler struct {
	slog.Handler // writes the attributes into line

	mutex *sync.Mutex // guards both
	line  *bytes.Buffer
	out   io.Writer
}

func newLineHandler(out io.Writer) *lineHandler {
	line := new(bytes.Buffer)
	attributes := slog.NewTextHandler(line, &slog.HandlerOptions{ReplaceAttr: withoutBuiltin})
	return &lineHandler{attributes, new(sync.Mutex), line, out}
}

// withoutBuiltin drops what Handle writes in its own way.
func withoutBuiltin(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return a
}

func (h *lineHandler) Handle(ctx context.Context, record slog.Record) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.line.Reset()
	if err := h.Handler.Handle(ctx, record); err != nil {
		return err
	}
	text := record.Time.Format(time.TimeOnly) + " "
	if record.Level != slog.LevelInfo {
		text += record.Level.String() + " "
	}
	text += record.Message
	if attributes := bytes.TrimSpace(h.line.Bytes()); len(attributes) > 0 {
		text += " " + string(attributes)
	}
	_, err := io.WriteString(h.out, client.Printable(text)+"\n")
	return err
}

func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &lineHandler{h.Handler.WithAttrs(attrs), h.mutex, h.line, h.out}
}

func (h *lineHandler) WithGroup(name string) slog.Handler {
	return &lineHandler{h.Handler.WithGroup(name), h.mutex, h.line, h.out}
}
