// Package runtimetest helps to test programs that serve and call with package runtime: a
// [Network] in memory that can be slow, parted and cut, a client [InProcess], a [Log] to read, and [Main],
// which finds goroutines that are left. What else it has is called by the packages that parley gen
// writes to help with tests: [RoundTrip] and [Fuzz] for the codec of a type, [Unset] and [Stream] for fakes.
package runtimetest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long goroutines that are about to end may take.
const patience = 5 * time.Second

// Main is a TestMain: it runs the tests and exits. If they passed but left goroutines
// behind, it prints their stacks and fails.
func Main(m *testing.M) {
	before := goroutines()
	code := m.Run()
	if code == 0 && !fuzzing() {
		if left := leftovers(before); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "FAIL: %d goroutines are left after the tests:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			code = 1
		}
	}
	os.Exit(code)
}

// fuzzing reports whether this is a process of go test -fuzz, whose own goroutines stay.
func fuzzing() bool {
	f := flag.Lookup("test.fuzz")
	return f != nil && f.Value.String() != ""
}

// leftovers returns the stacks of the goroutines that are not in before and do not end.
func leftovers(before map[string]string) []string {
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		var left []string
		for id, stack := range goroutines() {
			if _, old := before[id]; !old && !strings.Contains(stack, "os/signal.") { // the signal loop never ends
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Since(began) > patience {
			return left
		}
	}
}

// goroutines returns the stacks of all goroutines by their numbers.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for n := runtime.Stack(buf, true); ; n = runtime.Stack(buf, true) {
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	stacks := make(map[string]string)
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		id, _, _ := strings.Cut(stack, " [")
		stacks[id] = stack
	}
	return stacks
}
