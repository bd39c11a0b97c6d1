package transcript

import (
	"strings"
	"testing"
)

// run is a room of two: tony answers what elon said, and neither has a fault to find.
func run() ([]Transcript, []History) {
	order := []Shown{{ID: ID{"elon", 1}}, {ID: ID{"tony", 1}}, {ID: ID{"elon", 2}}}
	return []Transcript{
			{User: "elon", Whole: true, Shown: append([]Shown(nil), order...), Sent: []Sent{
				{Number: 1, Acked: true},
				{Number: 2, Acked: true, Seen: map[string]uint64{"elon": 1, "tony": 1}},
			}},
			{User: "tony", Whole: true, Shown: append([]Shown(nil), order...), Sent: []Sent{
				{Number: 1, Acked: true, Seen: map[string]uint64{"elon": 1}},
				{Number: 2},
			}},
		}, []History{
			{"a", []ID{{"elon", 1}, {"tony", 1}, {"elon", 2}}},
			{"b", []ID{{"elon", 1}, {"tony", 1}, {"elon", 2}}},
		}
}

// TestCheck plants each fault that there is a promise against, and expects it to be found.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name  string
		plant func(t []Transcript, h []History)
		want  string // part of the first line; empty for no fault
	}{
		{"none", func([]Transcript, []History) {}, ""},
		{"not acknowledged, and lost", func(t []Transcript, _ []History) { t[1].Sent[1].Acked = false }, ""},
		{"not there from the start", func(t []Transcript, _ []History) { t[0].Whole, t[0].Shown = false, t[0].Shown[1:] }, ""},
		{"late, and marked", func(t []Transcript, _ []History) {
			s := t[0].Shown
			s[0], s[1] = Shown{s[1].ID, true}, Shown{s[0].ID, true}
		}, ""},
		{"lost", func(t []Transcript, _ []History) { t[1].Shown = t[1].Shown[:2] }, "tony was never shown elon 2"},
		{"twice", func(t []Transcript, _ []History) { t[0].Shown = append(t[0].Shown, t[0].Shown[0]) }, "elon was shown elon 1 twice"},
		{"sender's order", func(t []Transcript, _ []History) {
			t[0].Sent[1].Seen = nil
			t[1].Shown = []Shown{{ID: ID{"elon", 2}}, {ID: ID{"elon", 1}}, {ID: ID{"tony", 1}}}
		}, "tony was shown elon 1 after elon 2"},
		{"answer first", func(t []Transcript, _ []History) {
			s := t[0].Shown
			s[0], s[1] = s[1], s[0]
		}, "elon was shown tony 1, at 0, before elon 1"},
		{"invented", func(t []Transcript, _ []History) { t[0].Shown[0].User = "robert" }, "elon was shown robert 1, which nobody sent"},
		{"history lost", func(_ []Transcript, h []History) {
			h[0].Messages, h[1].Messages = h[0].Messages[:2], h[1].Messages[:2]
		}, "the history of a lacks elon 2"},
		{"history twice", func(_ []Transcript, h []History) { h[0].Messages = append(h[0].Messages, ID{"elon", 2}) }, "the history of a has elon 2 twice"},
		{"histories differ", func(_ []Transcript, h []History) { m := h[1].Messages; m[0], m[1] = m[1], m[0] }, "differ from message 0 on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			transcripts, histories := run()
			test.plant(transcripts, histories)
			got := strings.Join(Check(transcripts, histories, 10), "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
