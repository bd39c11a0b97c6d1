package breaking

import "github.com/parley-rpc/parley/idl"

var methodBorrowed = &Rule{
	ID:       "method-borrowed",
	Category: Source,
	Summary:  "a method has become @borrowed",
	Why: `Programs compile as before, but the bytes that they receive are only lent: a handler that keeps some of its
parameters, or a loop that keeps some of an item, has to clone them, or finds other bytes there. On the wire nothing
changes.`,
	Old: `
service Store = 1 {
	0: Read(name string) (chunks stream bytes)
}
`,
	New: `
service Store = 1 {
	@borrowed
	0: Read(name string) (chunks stream bytes)
}
`,
}

func (c *comparison) methodBorrowed(after *idl.Method) {
	c.report(methodBorrowed, after, "clone what is to be kept, with bytes.Clone",
		"%s is @borrowed now: its bytes are only lent to their receiver", member(after, after.Service))
}
