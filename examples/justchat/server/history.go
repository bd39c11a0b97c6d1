package server

import (
	"context"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// maxReaders is how many calls read the log at once; others wait.
const maxReaders = 4

// read has f read the log for a client.
func (s *Server) read(ctx context.Context, f func() ([]*justchat.Record, error)) ([]justchat.Record, error) {
	if _, err := s.session(ctx); err != nil {
		return nil, err
	}
	select {
	case s.readers <- struct{}{}:
		defer func() { <-s.readers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	records, err := f()
	return values(s.room.withoutUnacknowledged(records)), err
}

// maxHistory is how many records a call of History or Search returns at most.
const maxHistory = 1000

// History implements api.MessageService.
func (m *messageService) History(ctx context.Context, before *justchat.Record, count uint32) ([]justchat.Record, error) {
	if err := checkCount(count); err != nil {
		return nil, err
	}
	return m.s.read(ctx, func() ([]*justchat.Record, error) { return m.s.Log.Before(before, int(count)) })
}

// Search implements api.MessageService.
func (m *messageService) Search(ctx context.Context, words []string, count uint32) ([]justchat.Record, error) {
	if err := checkCount(count); err != nil {
		return nil, err
	}
	if len(words) == 0 || len(words) > 16 {
		return nil, runtime.Errorf(runtime.CodeInvalidArgument, "search for 1 to 16 words, not %d", len(words))
	}
	return m.s.read(ctx, func() ([]*justchat.Record, error) { return m.s.Log.Search(ctx, words, int(count)) })
}

func checkCount(count uint32) error {
	if count == 0 || count > maxHistory {
		return runtime.Errorf(runtime.CodeInvalidArgument, "ask for 1 to %d records, not %d", maxHistory, count)
	}
	return nil
}

// values returns the records, as many as one answer carries: the last ones.
func values(records []*justchat.Record) []justchat.Record {
	var all []justchat.Record
	size := 0
	first := len(records)
	for first > 0 && size < answerBytes {
		first--
		size += recordBytes + len(records[first].Message.Text)
	}
	for _, r := range records[first:] {
		all = append(all, *r)
	}
	return all
}

const (
	answerBytes = 2 << 20 // of an answer with records
	recordBytes = 512     // that a record has about, beside its text
)
