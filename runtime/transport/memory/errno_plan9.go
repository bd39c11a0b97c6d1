package memory

import "errors"

// Plan 9 has no numbers for these.
var (
	errPipe    = errors.New("broken pipe")
	errReset   = errors.New("connection reset by peer")
	errRefused = errors.New("connection refused")
)
