//go:build linux || darwin || freebsd

package ondisk

import (
	"io/fs"
	"syscall"
)

// Free returns how many bytes this process may still write in the folder, -1 where that is not known.
func Free(dir string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil
}

// Names returns how many names a file has (hard links), 1 where that is not known.
func Names(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Nlink)
	}
	return 1
}
