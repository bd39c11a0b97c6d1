package messagelog

import (
	"cmp"
	"hash/crc32"
	"iter"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// An index says where records are. It takes 40 bytes for each.
type index struct {
	origins []*origin
	byName  map[string]uint32 // number of an origin
	order   sorted[key]       // all records, in the room's order
	repeats map[recordID]bool // records whose message is in another, before them
	once    causal.Once       // messages
	lamport uint64            // the highest
}

// An origin is one start of a server.
type origin struct {
	name    string
	records sorted[position]
	seen    uint64 // up to where all are here, or gone
	gone    uint64 // up to where they are not kept any more
}

// A key is a record's place in the room's order.
type key struct {
	lamport uint64
	number  uint64
	origin  uint32
	message uint32 // a hash of its client and number
}

// A position is where a record is on disk.
type position struct {
	number  uint64
	segment uint32
	offset  uint32
}

type recordID struct {
	number uint64
	origin uint32
}

func (k key) id() recordID { return recordID{k.number, k.origin} }

// id of a record that is in the index.
func (x *index) id(r *justchat.Record) recordID { return recordID{r.Number, x.byName[r.Origin]} }

func newIndex() *index {
	x := &index{byName: make(map[string]uint32), repeats: make(map[recordID]bool)}
	x.order.compare = x.compare
	return x
}

func (x *index) compare(a, b key) int {
	if order := cmp.Compare(a.lamport, b.lamport); order != 0 {
		return order
	}
	if a.origin != b.origin {
		return strings.Compare(x.origins[a.origin].name, x.origins[b.origin].name)
	}
	return cmp.Compare(a.number, b.number)
}

// origin returns the origin of that name, and its number; new ones are added.
func (x *index) origin(name string) (*origin, uint32) {
	if at, ok := x.byName[name]; ok {
		return x.origins[at], at
	}
	at := uint32(len(x.origins))
	name = strings.Clone(name) // or it would keep its whole record
	o := &origin{name: name}
	o.records.compare = func(a, b position) int { return cmp.Compare(a.number, b.number) }
	x.origins = append(x.origins, o)
	x.byName[name] = at
	return o, at
}

// has reports whether the record is here, or not missed any more.
func (x *index) has(r *justchat.Record) bool {
	at, ok := x.byName[r.Origin]
	if !ok {
		return false
	}
	o := x.origins[at]
	if r.Number <= o.seen {
		return true
	}
	_, ok = o.records.find(position{number: r.Number})
	return ok
}

// to is the order that searches where r is in the history, or would be.
func (x *index) to(r *justchat.Record) func(key) int {
	return func(k key) int {
		return cmp.Or(
			cmp.Compare(k.lamport, r.Lamport),
			strings.Compare(x.origins[k.origin].name, r.Origin),
			cmp.Compare(k.number, r.Number))
	}
}

func hashMessage(m *justchat.Message) uint32 {
	var buf [64]byte
	return crc32.Checksum(strconv.AppendUint(append(buf[:0], m.Client...), m.Number, 10), castagnoli)
}

// add notes a record that is on disk, and reports false if it was there already. first
// says whether its message is new; of one that is not, some other record may have it.
func (x *index) add(r *justchat.Record, segment uint32, offset int) (added, first bool) {
	o, at := x.origin(r.Origin)
	if !o.records.insert(position{r.Number, segment, uint32(offset)}) {
		return false, false
	}
	x.order.insert(key{r.Lamport, r.Number, at, hashMessage(&r.Message)})
	x.lamport = max(x.lamport, r.Lamport)
	o.extend()
	return true, x.once.See(r.Message.Client, r.Message.Number)
}

// extend raises seen over what is here.
func (o *origin) extend() {
	if o.records.count == 0 || o.records.last().number <= o.seen {
		return
	}
	for p := range o.after(o.seen) {
		if p.number != o.seen+1 {
			return
		}
		o.seen++
	}
}

// after yields where the records after a number are.
func (o *origin) after(number uint64) iter.Seq[position] {
	return o.records.from(o.records.to(position{number: number + 1}))
}

// skip raises gone.
func (o *origin) skip(number uint64) {
	o.gone = max(o.gone, number)
	o.seen = max(o.seen, number)
	o.extend()
}

// shown reports whether the record is for readers: nothing is missing before it.
func (x *index) shown(k key) bool { return k.number <= x.origins[k.origin].seen }

// history is shown without the records whose message is in another before them.
func (x *index) history(k key) bool { return x.shown(k) && !x.repeats[k.id()] }

// place returns where a record is.
func (x *index) place(k key) (position, bool) {
	return x.origins[k.origin].records.find(position{number: k.number})
}

// vector collects a number of each origin.
func (x *index) vector(number func(*origin) uint64) causal.Vector {
	v := make(causal.Vector, len(x.byName))
	for name, at := range x.byName {
		if n := number(x.origins[at]); n > 0 {
			v[name] = n
		}
	}
	return v
}

// lacking is up to which number an origin's records are missing before others that are here, or 0.
func (o *origin) lacking() (number uint64) {
	if o.records.count == 0 || o.records.last().number <= o.seen {
		return 0
	}
	before := o.seen
	for p := range o.after(o.seen) {
		if p.number != before+1 {
			number = p.number - 1
		}
		before = p.number
	}
	return number
}

// without returns what the index is without a segment, of which all is gone: the records
// of each origin, and the order. The index stays as it is, so that readers need not wait
// meanwhile.
func (x *index) without(segment uint32) (records []sorted[position], order sorted[key]) {
	for _, o := range x.origins {
		records = append(records, o.records.filtered(func(p position) bool { return p.segment != segment }))
	}
	order = x.order.filtered(func(k key) bool {
		if k.number > x.origins[k.origin].gone {
			return true
		}
		_, ok := records[k.origin].find(position{number: k.number})
		return ok
	})
	return records, order
}

// become takes over what without has returned.
func (x *index) become(records []sorted[position], order sorted[key]) {
	for i, o := range x.origins {
		o.records = records[i]
	}
	x.order = order
	for id := range x.repeats {
		if _, ok := records[id.origin].find(position{number: id.number}); !ok {
			delete(x.repeats, id)
		}
	}
}
