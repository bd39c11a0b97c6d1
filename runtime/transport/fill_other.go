//go:build !unix

package transport

import "errors"

const canPoll = false

func pollRead(uintptr, []byte) (n int, again bool, err error) {
	return 0, false, errors.ErrUnsupported
}
