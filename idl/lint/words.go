package lint

import (
	"strings"
)

// firstWord returns the first word of a CamelCase name: Get of GetUser.
func firstWord(name string) string {
	end := 1
	for end < len(name) && !isUpper(name[end]) {
		end++
	}
	return name[:end]
}

// lastWord returns the last word of a lowerCamel name without digits: At of sentAt, seconds of seconds.
func lastWord(name string) string {
	start := len(name) - 1
	for start > 0 && !isUpper(name[start]) {
		start--
	}
	return strings.TrimRight(name[start:], "0123456789")
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// without returns what is left of name behind prefix, in whatever case that is written, and whether name
// begins so with whole words: Online of PresenceOnline, and nothing of Presences or PRESENCES.
func without(name, prefix string) (rest string, ok bool) {
	if len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return "", false
	}
	rest = name[len(prefix):]
	switch {
	case rest == "":
		return "", true
	case isUpper(rest[0]) && isUpper(name[len(prefix)-1]): // inside of a run of capitals, or behind it
		return rest, len(rest) > 1 && isLower(rest[1])
	}
	return rest, !isLower(rest[0])
}

// lowerFirst returns a CamelCase name in lowerCamel.
func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}
