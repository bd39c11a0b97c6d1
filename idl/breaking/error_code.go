package breaking

import "github.com/parley-rpc/parley/idl"

var errorCode = &Rule{
	ID:       "error-code",
	Category: Wire,
	Summary:  "an error has another code",
	Why:      `Programs decide by the code what to do, such as whether to try again. Without @code it is unknown.`,
	Old: `
@code(not_found)
error NotFound "there is nobody"
`,
	New: `
@code(unavailable)
error NotFound "there is nobody"
`,
}

func (c *comparison) errorCode(before, after *idl.Error) {
	if before.Code != after.Code {
		c.report(errorCode, after, "", "error %q has the code %s, and had %s", after.Name, after.Code, before.Code)
	}
}
