package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A size is a number of bytes, as a flag: 512MiB, 1.5GiB, or 0.
type size int64

// units of sizes, each 1,024 times the one before.
var units = []string{"B", "KiB", "MiB", "GiB", "TiB"}

// Set reads a size. Upper and lower case are one, and a blank may stand before the unit.
func (s *size) Set(text string) error {
	number := strings.TrimRight(text, " abgikmtABGIKMT")
	unit := strings.TrimSpace(text[len(number):])
	scale := 1.0
	for _, u := range units {
		if strings.EqualFold(unit, u) || unit == "" && number == "0" {
			value, err := strconv.ParseFloat(number, 64)
			if err != nil || strings.Trim(number, "0123456789.") != "" || value*scale >= math.MaxInt64 {
				break
			}
			*s = size(value * scale)
			return nil
		}
		scale *= 1024
	}
	return fmt.Errorf("write a number with one of %s, as in 512MiB or 16GiB", strings.Join(units, ", "))
}

// String returns the size as Set reads it, rounded to a tenth of its unit.
func (s *size) String() string {
	value, unit := float64(*s), 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	return strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0") + units[unit]
}
