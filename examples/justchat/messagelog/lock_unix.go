//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package messagelog

import (
	"os"
	"syscall"
)

// flock takes the file for this process, or fails at once. The lock ends with the process.
func flock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
