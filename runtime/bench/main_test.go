package main

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test binary the server process that the program itself would be.
func TestMain(m *testing.M) {
	if name := os.Getenv(serveVariable); name != "" {
		exit(serveProcess(name, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// TestWorkloads runs each with some of its columns, for no longer than it takes to see that
// it gives its table, and that there is a figure for all that is wanted: a target whose row is
// misspelt would be printed nowhere. That all peers work is for the tests of peers.
func TestWorkloads(t *testing.T) {
	columns := []string{"ping-pong", "pipelined", "raw bytes", "raw bytes owned", "bare", "parley classic", "parley+workers", "parley slow", "net/rpc", "by hand", "parley"}
	list, err := choose(nil, columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range list {
		table, err := w.run(w, settings{rounds: 1, round: time.Millisecond, quick: true})
		if err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		var headings []string
		for _, c := range table.columns() {
			headings = append(headings, c.heading)
		}
		for _, name := range append(columns, "wanted") {
			if got, want := slices.Contains(headings, name), w.has(name) || name == "wanted"; got != want {
				t.Errorf("%s: column %q is there: %t, want %t", w.name, name, got, want)
			}
		}
		for _, g := range table.targets {
			if math.IsNaN(table.median(g.row, g.name)) {
				t.Errorf("%s: a target for %s, %q, of which there is no figure", w.name, g.name, g.row)
			}
		}
	}
}

func TestRun(t *testing.T) {
	var out, stderr strings.Builder
	err := run([]string{"-quick", "-rounds", "1", "-round", "1ms", "-workloads", "connections,codec", "-peers", "bare,by hand,parley"}, &out, &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	tables := strings.Split(out.String(), "\n### ")[1:]
	if len(tables) != 2 {
		t.Fatalf("got %d tables, want 2:\n%s", len(tables), out.String())
	}
	if got, want := headings(tables[1])[1:4], []string{"by hand", "parley", "parley ÷ floor"}; !slices.Equal(got, want) {
		t.Errorf("got the columns %q, want %q", got, want)
	}
}

// headings returns the cells of a table's first line.
func headings(table string) []string {
	_, line, _ := strings.Cut(table, "\n|")
	line, _, _ = strings.Cut(line, "|\n")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// has reports whether something of that name is in w.
func (w workload) has(name string) bool {
	return len(only(w.contestants, contestant.name, []string{name}))+len(only(w.codecs, codecEntry.title, []string{name})) > 0
}

func TestRunRefuses(t *testing.T) {
	tests := []struct {
		args []string
		want string // in the error, or in what is printed
	}{
		{[]string{"-workloads", "latency,speed"}, `there is no workload "speed"`},
		{[]string{"-peers", "grpc,gprc"}, `there is no peer "gprc"`},
		{[]string{"-rounds", "-1"}, "-rounds"},
		{[]string{"latency"}, "-workloads"},
	}
	for _, test := range tests {
		var out, stderr strings.Builder
		err := run(test.args, &out, &stderr)
		if err == nil || !strings.Contains(err.Error()+stderr.String(), test.want) {
			t.Errorf("%q: got %v, %q; want %q", test.args, err, stderr.String(), test.want)
		}
		if out.Len() > 0 {
			t.Errorf("%q: measured: %s", test.args, out.String())
		}
	}
}
