//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ondisk

import (
	"errors"
	"os"
	"syscall"
)

// Lock takes the file until it is closed, or fails at once, with ErrLocked if it is locked already, be it by this process: each that
// opens a file is one of its own. The lock ends with the process.
func Lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
