package theme

import "strings"

// IsDark reports what the environment says of the terminal's background: COLORFGBG ends in its colour's number. Without a
// word it is dark.
func IsDark(environ []string) bool {
	value := lookup(environ, "COLORFGBG")
	switch value[strings.LastIndex(value, ";")+1:] {
	case "7", "15":
		return false
	}
	return true
}

// CanAsk reports whether the terminal can be asked for its background, and the answer is of use: the console of a kernel may print the
// question, and where there are no colours nobody needs to know.
func CanAsk(environ []string) bool {
	kind := lookup(environ, "TERM")
	return kind != "" && kind != "linux" && kind != "dumb" && !strings.HasPrefix(kind, "vt") && !noColor(environ)
}

// lookup returns the value of a variable, of which the last counts.
func lookup(environ []string, name string) string {
	value := ""
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
