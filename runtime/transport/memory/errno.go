//go:build !plan9

package memory

import (
	"os"
	"syscall"
)

// The errors are those of TCP, for whoever looks for them.
var (
	errPipe    error = syscall.EPIPE
	errReset   error = syscall.ECONNRESET
	errRefused       = os.NewSyscallError("connect", syscall.ECONNREFUSED)
)
