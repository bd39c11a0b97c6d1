//go:build unix

package transport

import "syscall"

const canPoll = true

// pollRead reads from a socket that does not block; again says that nothing is there.
func pollRead(fd uintptr, b []byte) (n int, again bool, err error) {
	for {
		n, err = syscall.Read(int(fd), b)
		if err != syscall.EINTR {
			return n, err == syscall.EAGAIN, err
		}
	}
}
