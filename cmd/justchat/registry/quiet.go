package registry

import (
	"context"
	"log/slog"
	"sync/atomic"

	"go.uber.org/zap/zapcore"
)

// quiet brings what etcd logs by zap into a slog.Logger, from warnings on. It is a zapcore.Core.
//
// An etcd that is told to stop complains of each listener that it closes itself. What it says from then on is
// only for those who debug, and so is what is in harmless.
type quiet struct {
	logger   *slog.Logger
	stopping *atomic.Bool
}

func newQuiet(logger *slog.Logger) quiet { return quiet{logger, new(atomic.Bool)} }

// harmless are warnings of what is meant to be so, or of what a call returns as well.
var harmless = map[string]bool{
	"Running http and grpc server on single port. This is not recommended for production.": true, // few clients
	"simple token is not cryptographically signed":                                         true, // no tokens are used
	"retrying of unary invoker failed":                                                     true,
}

func (q quiet) Enabled(level zapcore.Level) bool { return level >= zapcore.WarnLevel }

func (q quiet) With(fields []zapcore.Field) zapcore.Core {
	return quiet{q.logger.With(attributes(fields)...), q.stopping}
}

func (q quiet) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if q.Enabled(entry.Level) {
		return checked.AddCore(entry, q)
	}
	return checked
}

func (q quiet) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	level := slog.LevelWarn
	if entry.Level > zapcore.WarnLevel {
		level = slog.LevelError
	}
	if harmless[entry.Message] || q.stopping.Load() {
		level = slog.LevelDebug
	}
	q.logger.Log(context.Background(), level, "etcd: "+entry.Message, attributes(fields)...)
	return nil
}

func (q quiet) Sync() error { return nil }

func attributes(fields []zapcore.Field) []any {
	encoder := zapcore.NewMapObjectEncoder()
	var all []any
	for _, field := range fields {
		field.AddTo(encoder)
	}
	for key, value := range encoder.Fields {
		all = append(all, slog.Any(key, value))
	}
	return all
}
