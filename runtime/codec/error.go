package codec

import (
	"fmt"
	"strconv"
)

// Error says why bytes could not be read as a value.
type Error struct {
	Field  string // path of the value that failed: `files[3].name`, `scores["bob"]`; may be empty
	Offset int    // where in the message that value begins, its length included, in bytes from 0
	Reason string // what is wrong with it
}

// Error returns `files[3].name at offset 17: string of 40 bytes, only 12 remain`.
func (e *Error) Error() string {
	where := "offset " + strconv.Itoa(e.Offset) + ": " + e.Reason
	if e.Field == "" {
		return where
	}
	return e.Field + " at " + where
}

// fail records the first error and hides all the bytes that remain, so that every
// later read ends at its length check. The path grows while the frames around unwind.
func (d *Decoder) fail(field string, offset int, format string, args ...any) {
	if d.err != nil {
		return
	}
	d.err = &Error{Field: field, Offset: offset, Reason: fmt.Sprintf(format, args...)}
	d.at = min(offset, len(d.data))
	d.data = d.data[:d.at]
}

// within puts outer before the path of the error.
func (d *Decoder) within(outer string) {
	switch inner := d.err.Field; {
	case outer == "":
	case inner == "" || inner[0] == '[':
		d.err.Field = outer + inner
	default:
		d.err.Field = outer + "." + inner
	}
}

// withinElement puts element i of list before the path of the error.
func (d *Decoder) withinElement(list string, i int) {
	d.within(list + "[" + strconv.Itoa(i) + "]")
}

// short reports that fewer than size bytes are left for a value, and returns zero. At the
// end of a struct's body, or of a lenient message, it is no mistake if nothing is left:
// an older peer did not know the field.
func (d *Decoder) short(field string, size int) (zero uint64) {
	left := len(d.data) - d.at
	switch {
	case d.err != nil || left == 0 && !d.needed:
	case left == 0:
		d.fail(field, d.at, "missing")
	default:
		d.fail(field, d.at, "%s wanted, %s", several(size, "byte"), only(left))
	}
	return 0
}

func only(n int) string {
	switch n {
	case 0:
		return "none remain"
	case 1:
		return "only 1 remains"
	}
	return "only " + strconv.Itoa(n) + " remain"
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
