package gen

import "github.com/parley-rpc/parley/idl"

// maxFields is how many fields a struct may have, those of the structs that it holds directly counted: each of Go's
// values has room for all of them. A few structs that hold each other twice would keep the compiler busy for ever.
const maxFields = 1 << 16

// checkSize reports the structs of the package that are too large, but not those that are so for another's sake.
func (c *checker) checkSize() {
	for d := range c.pkg.Decls() {
		st, ok := d.(*idl.Struct)
		if !ok {
			continue
		}
		if count, inner := c.countFields(st); count > maxFields && inner <= maxFields {
			*c.errors = append(*c.errors, st.Diagnose("make some of the structs in it optional with ?",
				"struct %s has more than %d fields, with those of the structs in it", st.Name, maxFields))
		}
	}
}

// countFields returns how many fields a value of st has, and how many the largest struct in it; no more than one
// beyond maxFields.
func (c *checker) countFields(st *idl.Struct) (count, largest int) {
	if size, known := c.sizes[st]; known {
		return size.count, size.largest
	}
	for _, f := range st.Fields {
		count++
		if inner, ok := f.Type.Decl.(*idl.Struct); ok {
			n, _ := c.countFields(inner)
			count, largest = count+n, max(largest, n)
		}
		count = min(count, maxFields+1)
	}
	c.sizes[st] = structSize{count, largest}
	return count, largest
}

// A structSize is what countFields returns.
type structSize struct{ count, largest int }
