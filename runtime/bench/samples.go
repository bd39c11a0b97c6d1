package main

import (
	"slices"
	"strings"
	"time"

	"github.com/parley-rpc/parley/runtime/bench/sample"
	"github.com/parley-rpc/parley/runtime/bench/samplemsgp"
	"github.com/parley-rpc/parley/runtime/bench/samplepb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// What the codec workload encodes. Each value is there once, and once more as each
// twin has it.
var (
	chat  = sample.Chat{User: "alice", Target: "bob", Message: "shall we say half past three, by the fountain?"}
	lines = sample.Lines{Lines: slices.Repeat([]string{strings.Repeat("abcd", 10)}, 100)}
	mixed = sample.Mixed{
		ID: 1 << 60, Kind: sample.KindThing, Delta: -7, Ratio: 0.5, Live: true,
		Name: "the name of a thing", Data: []byte("sixteen bytes ok"),
		Origin: sample.Note{Text: "somewhere", Weight: 2},
		Notes:  []sample.Note{{Text: "first", Weight: 1}, {Text: "second", Weight: 2}, {Text: "third", Weight: 3}, {Text: "fourth", Weight: 4}},
		Scores: map[string]uint32{"alice": 10, "bob": 20, "carol": 30, "dave": 40},
		Reply:  new("yes"),
		At:     time.Date(2026, 11, 21, 12, 0, 0, 5, time.UTC),
		Took:   1500 * time.Millisecond,
	}
)

var (
	chatPB  = &samplepb.Chat{User: chat.User, Target: chat.Target, Message: chat.Message}
	linesPB = &samplepb.Lines{Lines: lines.Lines}
	mixedPB = &samplepb.Mixed{
		Id: mixed.ID, Kind: samplepb.Kind(mixed.Kind), Delta: mixed.Delta, Ratio: mixed.Ratio, Live: mixed.Live,
		Name: mixed.Name, Data: mixed.Data,
		Origin: notePB(mixed.Origin),
		Notes:  each(mixed.Notes, notePB),
		Scores: mixed.Scores,
		Reply:  mixed.Reply,
		At:     timestamppb.New(mixed.At),
		Took:   durationpb.New(mixed.Took),
	}
)

var (
	chatMsgp  = samplemsgp.Chat(chat)
	linesMsgp = samplemsgp.Lines(lines)
	mixedMsgp = samplemsgp.Mixed{
		ID: mixed.ID, Kind: uint16(mixed.Kind), Delta: mixed.Delta, Ratio: mixed.Ratio, Live: mixed.Live,
		Name: mixed.Name, Data: mixed.Data,
		Origin: noteMsgp(mixed.Origin),
		Notes:  each(mixed.Notes, noteMsgp),
		Scores: mixed.Scores,
		Reply:  mixed.Reply,
		At:     mixed.At,
		Took:   mixed.Took,
	}
)

func notePB(n sample.Note) *samplepb.Note    { return &samplepb.Note{Text: n.Text, Weight: n.Weight} }
func noteMsgp(n sample.Note) samplemsgp.Note { return samplemsgp.Note(n) }

func each[S, T any](list []S, convert func(S) T) []T {
	converted := make([]T, len(list))
	for i, v := range list {
		converted[i] = convert(v)
	}
	return converted
}
