package dump

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// How programs begin a line of a dump: xxd with a colon; hexdump -C and Wireshark with two blanks or more. The offset may
// stand alone behind the last line.
var (
	xxdLine     = regexp.MustCompile(`^([0-9a-fA-F]{4,16}):(.*)$`)
	hexdumpLine = regexp.MustCompile(`^([0-9a-fA-F]{4,16}) {2,}([0-9a-fA-F]{2}( .*)?)$`)
	lastLine    = regexp.MustCompile(`^([0-9a-fA-F]{7,16})$`)
)

// ParseHex returns the bytes that text says in hexadecimal: with or without blanks, commas, colons and 0x between them,
// or as xxd, hexdump -C and Wireshark print them, with offsets and characters beside the bytes.
func ParseHex(text string) ([]byte, error) {
	var data []byte
	dumped := false // whether the lines have offsets
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		offset, digits := splitLine(line, dumped)
		if offset != "" {
			at, err := strconv.ParseUint(offset, 16, 64)
			if err != nil || dumped && at != uint64(len(data)) || !dumped && len(data) > 0 {
				return nil, fmt.Errorf("line %d is for offset %s, behind %d bytes: are lines missing? (hexdump -v leaves none out)", i+1, offset, len(data))
			}
			if at != uint64(len(data)) {
				return nil, fmt.Errorf("line %d begins at offset %s: give the dump from its first line on", i+1, offset)
			}
			dumped = true
		}
		if dumped && line == "*" {
			return nil, fmt.Errorf("line %d stands for lines that were left out: dump with hexdump -v", i+1)
		}
		var err error
		if data, err = appendHex(data, digits); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return data, nil
}

// splitLine returns the offset of a line, "" if it has none, and the bytes in it.
func splitLine(line string, dumped bool) (offset, digits string) {
	if m := xxdLine.FindStringSubmatch(line); m != nil {
		digits, _, _ := strings.Cut(strings.TrimSpace(m[2]), "  ")
		return m[1], digits
	}
	if m := hexdumpLine.FindStringSubmatch(line); m != nil {
		digits, _, _ := strings.Cut(m[2], "|")
		digits, _, _ = strings.Cut(digits, "   ")
		return m[1], digits
	}
	if m := lastLine.FindStringSubmatch(line); m != nil && dumped {
		return m[1], ""
	}
	return "", line
}

// separators are what may stand between bytes.
var separators = strings.NewReplacer(",", " ", ":", " ", ";", " ", `\x`, " ", "0x", " 0x", "0X", " 0x")

func appendHex(data []byte, text string) ([]byte, error) {
	for _, word := range strings.Fields(separators.Replace(text)) {
		digits, prefixed := strings.CutPrefix(word, "0x")
		if prefixed && len(digits) == 1 {
			digits = "0" + digits
		}
		bytes, err := hex.DecodeString(digits)
		if err != nil {
			return nil, fmt.Errorf("%.40q is no bytes in hexadecimal: they have two digits each", word)
		}
		data = append(data, bytes...)
	}
	return data, nil
}
