package ondisk

import (
	"os"
	"syscall"
)

// StartWriting has the disk begin to write what lies between two offsets of a file, so that a Sync later has less to wait for. It
// promises nothing.
func StartWriting(f *os.File, from, to int64) {
	const write = 2 // SYNC_FILE_RANGE_WRITE
	syscall.SyncFileRange(int(f.Fd()), from, to-from, write)
}
