package causal

import (
	"cmp"
	"maps"

	"github.com/parley-rpc/parley/generated/justchat"
)

// A Vector says, by origin, up to which number records were seen. A missing entry is
// zero. A nil Vector can be read, and not added to.
type Vector map[string]uint64

// Has reports whether the record is among those that were seen.
func (v Vector) Has(r *justchat.Record) bool { return r.Number <= v[r.Origin] }

// Covers reports whether all that other has seen, v has seen too.
func (v Vector) Covers(other Vector) bool {
	for origin, number := range other {
		if number > v[origin] {
			return false
		}
	}
	return true
}

// Add makes v cover other too.
func (v Vector) Add(other Vector) {
	for origin, number := range other {
		if number > v[origin] {
			v[origin] = number
		}
	}
}

// Since returns the entries that have risen since older: older.Add of them covers v. It
// is a Vector of its own.
func (v Vector) Since(older Vector) Vector {
	risen := make(Vector)
	for origin, number := range v {
		if number > older[origin] {
			risen[origin] = number
		}
	}
	return risen
}

// Clone returns a copy that can be added to, of nil as well.
func (v Vector) Clone() Vector {
	if v == nil {
		return make(Vector)
	}
	return maps.Clone(v)
}

// Less is the room's order: by Lamport, origin, number. It never puts a record before one
// that it comes after, since a Lamport clock runs ahead of all that was seen.
func Less(a, b *justchat.Record) bool { return Compare(a, b) < 0 }

// Compare is Less for slices.SortFunc.
func Compare(a, b *justchat.Record) int {
	return cmp.Or(
		cmp.Compare(a.Lamport, b.Lamport),
		cmp.Compare(a.Origin, b.Origin),
		cmp.Compare(a.Number, b.Number))
}
