//go:build !(linux || darwin || freebsd)

package ondisk

import "io/fs"

// Free is not known here.
func Free(string) (int64, error) { return -1, nil }

// Names is not known here.
func Names(fs.FileInfo) int { return 1 }
