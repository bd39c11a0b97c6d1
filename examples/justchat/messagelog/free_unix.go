//go:build linux || darwin || freebsd

package messagelog

import "syscall"

// free returns how many bytes this process may still write in the folder.
func free(dir string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil
}
