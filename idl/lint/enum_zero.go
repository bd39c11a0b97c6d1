package lint

import (
	"slices"

	"github.com/parley-rpc/parley/idl"
)

var enumZero = &Rule{
	ID:      "enum-zero",
	Summary: "an enum has a value for 0",
	Why: `0 is what a field reads as when an older peer did not send it, and what a new Go struct holds. Without a name for
it, it prints as Presence(0) and every switch has to remember it. An enum that had one and reserves 0 is left alone.`,
	Bad: `
// Presence says whether a user is there.
enum Presence {
	Online = 1
	Away = 2
}
`,
	Good: `
// Presence says whether a user is there.
enum Presence {
	Unknown = 0
	Online = 1
	Away = 2
}
`,
	check: checkEnumZero,
}

func checkEnumZero(p *pass) {
	for d := range p.pkg.Decls() {
		enum, ok := d.(*idl.Enum)
		if !ok {
			continue
		}
		zero := len(enum.Values) == 0 || slices.Contains(enum.Reserved, 0) // an empty one needs none, and reserved means never again
		for _, v := range enum.Values {
			zero = zero || v.Number == 0
		}
		if !zero {
			p.report(enum, "add what a missing value means, such as Unknown = 0", "enum %q has no value for 0", enum.Name)
		}
	}
}
