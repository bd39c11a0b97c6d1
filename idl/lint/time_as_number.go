package lint

import (
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

var timeAsNumber = &Rule{
	ID:      "time-as-number",
	Summary: "times and durations are no integers",
	Why: `A time is a time.Time in Go and a duration a time.Duration, without a unit that somebody has to remember. The
rule goes by the last word of a name: Seconds, Secs, Millis, Milliseconds, Ms, Micros, Microseconds, Nanos, Nanoseconds,
Timeout and Duration, and At, Timestamp and Unix.`,
	Bad: `
// Clock tells the time.
service Clock = 1 {
	// Wait returns when the time has passed.
	0: Wait(waitSeconds uint32) (wokenAt int64)
}
`,
	Good: `
// Clock tells the time.
service Clock = 1 {
	// Wait returns when the time has passed.
	0: Wait(wait duration) (wokenAt time)
}
`,
	check: checkTimeAsNumber,
}

var (
	durationWords = strings.Fields("seconds secs millis milliseconds ms micros microseconds nanos nanoseconds timeout duration")
	timeWords     = strings.Fields("at timestamp unix")
)

func checkTimeAsNumber(p *pass) {
	for d := range p.pkg.Decls() {
		for member := range idl.Members(d) {
			field, ok := member.(*idl.Field)
			if !ok || field.Removed() || !isInteger(field.Type) {
				continue
			}
			switch word := strings.ToLower(lastWord(field.Name)); {
			case slices.Contains(durationWords, word):
				p.report(field, "make it a duration", "%q is a duration by its name, and its type is %s", field.Name, field.Type)
			case slices.Contains(timeWords, word):
				p.report(field, "make it a time", "%q is a time by its name, and its type is %s", field.Name, field.Type)
			}
		}
	}
}

// isInteger reports whether t is an integer, or one that may be absent, wide enough for a time.
func isInteger(t *idl.Type) bool {
	if t.Kind == idl.Optional {
		t = t.Elem
	}
	switch t.Kind {
	case idl.Int16, idl.Int32, idl.Int64, idl.Uint16, idl.Uint32, idl.Uint64:
		return true
	}
	return false
}
