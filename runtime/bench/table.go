package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// A table collects the samples of a workload, and prints their medians and ratios.
type table struct {
	title     string
	about     string // what is measured, for who reads the table alone
	lowerWins bool   // a time or a size, not a rate
	format    func(float64) string
	entrants  []entrant // the columns; one without samples is left out
	targets   []target

	rows    []string
	samples map[cell][]float64
}

// A role says what an entrant's figures are for.
type role int

const (
	floor role = iota // what there is to reach
	ours              // Parley: its ratios are printed
	other             // what there is to beat
)

// An entrant has a column.
type entrant struct {
	name string
	role role

	// against is the name of the floor that ours is held against. "" is the best of those
	// in the row.
	against string

	// beside is the name of another floor that ours is held against as well, or "".
	beside string
}

// A cell names a row and an entrant.
type cell struct{ row, name string }

// add takes in the sample of a round. Rows are printed in the order in which they
// first come.
func (t *table) add(row, name string, sample float64) {
	if t.samples == nil {
		t.samples = make(map[cell][]float64)
	}
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	at := cell{row, name}
	t.samples[at] = append(t.samples[at], sample)
}

// median returns the median of a cell, or NaN if it has no samples.
func (t *table) median(row, name string) float64 {
	sorted := slices.Sorted(slices.Values(t.samples[cell{row, name}]))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// over returns a ÷ b, or NaN if there is none.
func over(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// best returns the best median of a row among the entrants of a role, or NaN.
func (t *table) best(row string, r role) float64 {
	best := math.NaN()
	for _, c := range t.entrants {
		v := t.median(row, c.name)
		if c.role != r || math.IsNaN(v) {
			continue
		}
		if math.IsNaN(best) || (v < best) == t.lowerWins {
			best = v
		}
	}
	return best
}

// A column is a heading and its cells.
type column struct {
	heading string
	value   func(row string) float64 // its cells, those of NaN stay empty,
	format  func(float64) string     // as this prints them
	text    func(row string) string  // its cells, in place of value and format
}

func (c column) cell(row string) string {
	if c.text != nil {
		return c.text(row)
	}
	if v := c.value(row); !math.IsNaN(v) {
		return c.format(v)
	}
	return ""
}

// columns returns what is printed: entrants, then ratios, and beside each what is wanted of
// it. Those with nothing in them are left out.
func (t *table) columns() []column {
	var columns []column
	for _, c := range t.entrants {
		figure := column{heading: c.name, value: func(row string) float64 { return t.median(row, c.name) }, format: t.format}
		columns = append(columns, figure, t.verdicts(c.name, itself, figure))
	}
	for _, c := range t.entrants {
		if c.role == ours {
			columns = append(columns, t.ratios(c)...)
		}
	}
	columns = append(columns, column{heading: "best peer ÷ floor", value: func(row string) float64 {
		return over(t.best(row, other), t.best(row, floor))
	}, format: ratio})
	return slices.DeleteFunc(columns, func(c column) bool {
		return !slices.ContainsFunc(t.rows, func(row string) bool { return c.cell(row) != "" })
	})
}

// ratios returns how c, which is ours, stands to its floors and to the best of the peers.
func (t *table) ratios(c entrant) []column {
	against := "floor"
	if c.against != "" {
		against = c.against
	}
	by := func(other string) func(string) float64 {
		return func(row string) float64 { return over(t.median(row, c.name), t.median(row, other)) }
	}
	byFloor := by(c.against)
	if c.against == "" {
		byFloor = func(row string) float64 { return over(t.median(row, c.name), t.best(row, floor)) }
	}
	byPeer := func(row string) float64 { return over(t.median(row, c.name), t.best(row, other)) }
	first := column{heading: c.name + " ÷ " + against, value: byFloor, format: ratio}
	second := column{heading: c.name + " ÷ best peer", value: byPeer, format: ratio}
	all := []column{first, t.verdicts(c.name, toFloor, first), second, t.verdicts(c.name, toPeer, second)}
	if c.beside != "" {
		all = slices.Insert(all, 2, column{heading: c.name + " ÷ " + c.beside, value: by(c.beside), format: ratio})
	}
	return all
}

// write prints the table in Markdown, or nothing if there are no samples.
func (t *table) write(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	better := "higher is better"
	if t.lowerWins {
		better = "lower is better"
	}
	fmt.Fprintf(w, "### %s\n\n%s (%s)\n\n", t.title, t.about, better)
	columns := t.columns()
	aligned := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	writeRow(aligned, "", columns, func(c column) string { return c.heading })
	writeRow(aligned, "---", columns, func(column) string { return "---:" })
	for _, row := range t.rows {
		writeRow(aligned, row, columns, func(c column) string { return c.cell(row) })
	}
	if err := aligned.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func writeRow(w io.Writer, first string, columns []column, text func(column) string) {
	cells := []string{first}
	for _, c := range columns {
		cells = append(cells, text(c))
	}
	fmt.Fprintf(w, "| %s\t|\n", strings.Join(cells, "\t| "))
}

// The formats of tables.

func ratio(v float64) string { return significant(v) + "x" }

// significant has three digits that matter, or all before the point.
func significant(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func perSecond(v float64) string {
	if v >= 1000 {
		return significant(v/1000) + "k"
	}
	return significant(v)
}

func microseconds(v float64) string { return significant(v) + " µs" }
func nanoseconds(v float64) string  { return significant(v) }
func kilobytes(v float64) string    { return significant(v/1000) + " KB" }
func megabytes(v float64) string    { return significant(v / 1e6) }
