package breaking

var streamChanged = &Rule{
	ID:       "stream-changed",
	Category: Wire,
	Summary:  "a parameter or result has become a stream, or is one no more",
	Why:      `A stream is a conversation of its own on the wire. Make a new method.`,
	Old: `
service Feed = 1 {
	0: Lines() (lines []string)
}
`,
	New: `
service Feed = 1 {
	0: Lines() (lines stream string)
}
`,
}

// streams compares the streams of two methods.
func (c *comparison) streams(l *fields) {
	before, after := l.wasStream, l.isStream
	switch {
	case before == nil && after == nil:
	case before == nil:
		c.report(streamChanged, after, "make a new method", "%s is a stream, and was none", l.call(after))
	case after == nil:
		c.report(streamChanged, l.owner, "make a new method", "%s is no stream any more", l.call(before))
	default:
		c.types(l.what+" stream", l.owner, typed{before, before.Type}, typed{after, after.Type})
		if before.Name != after.Name {
			c.renamed(before, after, l.call(after))
		}
	}
}
