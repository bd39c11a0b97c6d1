package main

import (
	"fmt"
	"math"
	"slices"
)

// A target is what Parley aims at in one row. The table prints it beside the figure, with
// a word on whether it was met.
type target struct {
	row, name string // name is an entrant that is ours
	of        figure
	bound     float64 // the most if lower is better, else the least
}

// A figure is which of the figures of an entrant has a target.
type figure int

const (
	itself figure = iota // the median
	toFloor
	toPeer
)

// aim returns targets with the same bound for several rows.
func aim(name string, of figure, bound float64, rows ...string) []target {
	var list []target
	for _, row := range rows {
		list = append(list, target{row, name, of, bound})
	}
	return list
}

// verdicts returns the column that follows that of a figure, with nothing in it if
// nothing is wanted of it.
func (t *table) verdicts(name string, of figure, printed column) column {
	return column{heading: "wanted", text: func(row string) string {
		i := slices.IndexFunc(t.targets, func(g target) bool { return g.row == row && g.name == name && g.of == of })
		v := printed.value(row)
		if i < 0 || math.IsNaN(v) {
			return ""
		}
		return t.verdict(v, t.targets[i].bound, printed.format)
	}}
}

// verdict says what was wanted of a figure and whether it is that.
func (t *table) verdict(v, bound float64, format func(float64) string) string {
	sign, met := "≥", v >= bound
	if t.lowerWins {
		sign, met = "≤", v <= bound
	}
	if met {
		return fmt.Sprintf("%s %s: met", sign, format(bound))
	}
	return fmt.Sprintf("%s %s: **missed**", sign, format(bound))
}
