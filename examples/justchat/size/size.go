// Package size says how many bytes there are, in the words in which people are told everywhere in the room.
package size

import "fmt"

var units = []string{"kB", "MB", "GB", "TB", "PB", "EB"}

// Of returns a number of bytes as people say it, as in «1.2 MB»: a MB is 1,000 kB. Below zero it is as zero.
func Of(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", max(bytes, 0))
	}
	n, unit := float64(bytes)/1000, 0
	for n >= 999.5 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	if n < 9.95 {
		return fmt.Sprintf("%.1f %s", n, units[unit])
	}
	return fmt.Sprintf("%.0f %s", n, units[unit])
}

// Over returns a number of bytes and the limit that it exceeds. They are never the same words.
func Over(bytes, limit int64) (much, most string) {
	much, most = Of(bytes), Of(limit)
	if much == most {
		return fmt.Sprintf("%d B", bytes), fmt.Sprintf("%d B", limit)
	}
	return much, most
}
