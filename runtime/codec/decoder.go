package codec

// Limits of what is read. A peer that exceeds them is refused.
const (
	maxDepth      = 64       // struct bodies and union cases around a value
	budgetFactor  = 16       // bytes of memory for each byte of the message …
	budgetGrant   = 64 << 10 // … and so many for every message
	sharedStrings = 64 << 10 // longest message, in bytes, whose strings share one allocation
)

// Decoder reads values from the bytes of one message, in order. Its first error
// sticks: from then on every read returns zero at once, so a caller reads all that it
// wants and asks Err once. What it read before the error is not to be used.
//
// Each read is told the name of the field that it reads, for the path of an Error.
// The zero Decoder is an empty message; Reset gives it another. A Decoder serves one
// goroutine at a time.
type Decoder struct {
	data   []byte // the message up to the end of the innermost body
	at     int    // next byte of data
	shared string // copy of the whole message, made for its first string
	err    *Error
	needed bool  // a value that is missing at the end of data is an error
	lends  bool  // bytes are parts of data, see Borrow
	depth  uint8 // bodies begun and not ended
	size   int   // bytes of the whole message: data is longer again when bodies end
	budget int64 // bytes of memory that may still be allocated
}

// Reset makes d read data from its start, forgetting everything else.
//
// strict says what it means when data ends where a value should begin: an error, or
// (not strict) that an older peer did not know the value, which reads as zero. Inside
// a struct's body it is never an error; inside a list, a map, an optional or a union
// it always is.
//
// The Decoder refers to data until the next Reset, and never writes to it. Nothing
// that it returns refers to data, unless Borrow says so afterwards.
func (d *Decoder) Reset(data []byte, strict bool) {
	d.data = data
	d.at = 0
	d.needed = strict
	d.lends = false
	d.depth = 0
	d.size = len(data)
	d.budget = int64(len(data))*budgetFactor + budgetGrant
	d.shared = ""
	d.err = nil
}

// Borrow says whether Bytes, Rest and all that reads by way of them return parts of the data
// that Reset was given, until the next Reset, which takes it back. Such a part has no capacity
// behind it, costs no memory and nothing of the budget, and is valid for as long as the data is;
// whoever keeps it clones it. Strings are copies in any case, then each with memory of its own: the
// copy that they would share is one of the bytes, too.
func (d *Decoder) Borrow(lend bool) { d.lends = lend }

// Err returns the first error since Reset, an *Error, or nil.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Offset returns how many bytes of the message have been read. After an error it has no meaning.
func (d *Decoder) Offset() int { return d.at }

// Finish returns what Err returns. Bytes after the last value are no mistake: a newer
// peer has more to say.
func (d *Decoder) Finish() error { return d.Err() }

// charge takes n bytes out of the budget before they are allocated. It reports whether
// they were there; if not, the message is refused.
func (d *Decoder) charge(field string, offset int, n int64) bool {
	if n > d.budget {
		return d.overBudget(field, offset, n)
	}
	d.budget -= n
	return true
}

func (d *Decoder) overBudget(field string, offset int, n int64) bool {
	d.fail(field, offset, "needs %d bytes of memory, %d are left of the %d that a message of %d bytes may take",
		n, d.budget, int64(d.size)*budgetFactor+budgetGrant, d.size)
	return false
}
