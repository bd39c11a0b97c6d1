//go:build unix

package transfer

import (
	"syscall"
	"testing"
)

func layPipe(_ *testing.T, path, _ string) error { return syscall.Mkfifo(path, 0o600) }
