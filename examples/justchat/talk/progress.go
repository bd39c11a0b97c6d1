package talk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/size"
)

// Size returns a number of bytes as people say it, as in «1.2 MB».
func Size(bytes int64) string { return size.Of(bytes) }

// Progress returns how far a transfer is, as in «SELDOM_2016.png to Robert: 42 % of 1.2 GB, 130 MB/s, 5 s left».
func Progress(t client.Transfer) string {
	far := what(&t) + ": "
	switch t.State {
	case client.Hashing:
		return far + "reading it, " + Part(t) + rest(&t)
	case client.Asking:
		if t.With == "" {
			return far + "a server is asked"
		}
		return far + "asked, no answer yet"
	case client.Moving:
		return far + Part(t) + rest(&t)
	case client.Waiting:
		return far + "waiting at " + Part(t)
	case client.Finished:
		return far + "done, " + Size(t.Size)
	case client.Declined:
		return far + "declined"
	case client.Cancelled:
		return far + "cancelled"
	}
	return far + "broken off at " + Part(t)
}

// Part returns how much of a transfer is done, as in «42 % of 1.2 GB».
func Part(t client.Transfer) string {
	if t.Size == 0 {
		return "100 % of 0 B"
	}
	return fmt.Sprintf("%d %% of %s", int64(float64(t.Done)/float64(t.Size)*100), Size(t.Size))
}

// what returns which file goes where.
func what(t *client.Transfer) string {
	name := FileName(t.Name)
	switch {
	case t.Sending && t.With == "":
		return name + " to all"
	case t.Sending:
		return name + " to " + Name(t.With)
	case t.With != "":
		return name + " from " + Name(t.With)
	}
	return name
}

// rest returns the rate and the time left, as far as they are known.
func rest(t *client.Transfer) string {
	if t.Rate <= 0 {
		return ""
	}
	words := ", " + Size(t.Rate) + "/s"
	if t.Left >= 0 {
		words += ", " + duration(t.Left) + " left"
	}
	return words
}

// duration returns a time as people say it, in one or two units: «5 s», «3 min», «2 h 5 min».
func duration(d time.Duration) string {
	d += time.Second - 1 // rounded up: a moment is not nothing
	switch hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute); {
	case hours >= 48:
		return fmt.Sprintf("%d days", hours/24)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	case minutes >= 2:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}

// FileName returns the name of a file as it stands among words: in quotes if it has blanks or what ends words, or looks like
// the beginning of the client's own.
func FileName(name string) string {
	if strings.ContainsAny(name, " ,;#") || Name(name) != name {
		return strconv.Quote(name)
	}
	return name
}
