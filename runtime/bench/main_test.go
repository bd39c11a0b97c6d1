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

// TestRun runs every workload with some of its columns, for no longer than it takes to
// see that each gives its table. That all peers work is for the tests of peers.
func TestRun(t *testing.T) {
	columns := []string{"ping-pong", "pipelined", "raw bytes", "bare", "parley classic", "parley+workers", "parley slow", "net/rpc", "drpc", "by hand", "parley"}
	var out, stderr strings.Builder
	err := run([]string{"-quick", "-rounds", "1", "-round", "1ms", "-peers", strings.Join(columns, ",")}, &out, &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	tables := strings.Split(out.String(), "\n### ")[1:]
	if len(tables) != len(workloads) {
		t.Fatalf("got %d tables, want %d:\n%s", len(tables), len(workloads), out.String())
	}
	for i, w := range workloads {
		headings := headings(tables[i])
		for _, name := range columns {
			if got, want := slices.Contains(headings, name), w.has(name); got != want {
				t.Errorf("%s: column %q is there: %t, want %t", w.name, name, got, want)
			}
		}
		if !slices.Contains(headings, "wanted") {
			t.Errorf("%s: no word on what is wanted: %q", w.name, headings)
		}
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

// TestTargetsHaveRows runs every workload with Parley and one floor, for a target whose row
// or column is misspelt would be printed nowhere.
func TestTargetsHaveRows(t *testing.T) {
	for _, w := range workloads {
		w.contestants = slices.DeleteFunc(slices.Clone(w.contestants), func(c contestant) bool { return c.role == other })
		w.codecs = w.codecs[:min(len(w.codecs), 2)]
		table, err := w.run(w, settings{rounds: 1, round: time.Millisecond, quick: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(table.targets) == 0 {
			t.Errorf("%s: no targets", w.name)
		}
		for _, g := range table.targets {
			if math.IsNaN(table.median(g.row, g.name)) {
				t.Errorf("%s: a target for %s, %q, of which there is no figure", w.name, g.name, g.row)
			}
		}
	}
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
