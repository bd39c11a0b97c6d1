// Package failures_test kills the nodes of a room: real processes of the justchat
// binary, which die by SIGKILL, stand still by SIGSTOP, or are cut off from the
// network, while people chat.
//
// Where things are:
//
//	process_test.go   one process of the binary, its output, its death
//	cluster_test.go   registry, load balancers and servers on this machine
//	person_test.go    a client in the test's own process, and its transcript
//	history_test.go   what each server tells, asked directly
//	tmux_system_test.go   a client on the full screen, and what stands on that
//
// The rest are the tests. make test runs them small, make soak in full, and with
// nodes built for the race detector; make bench-justchat measures.
package failures_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience is how long tests wait for what has to come.
const patience = 30 * time.Second

// binary is the justchat that TestMain has built; raced, in a soak, the same for the race detector.
var binary, raced string

// soaking says that there is time: make soak.
var soaking = os.Getenv("PARLEY_SOAK") != ""

func TestMain(m *testing.M) {
	if role := os.Getenv(floorRole); role != "" {
		os.Exit(floorMain(role))
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "justchat-failures-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "justchat")
	err = build(binary)
	if err == nil && soaking {
		raced = filepath.Join(dir, "raced")
		err = build(raced, "-race")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(to string, flags ...string) error {
	args := append([]string{"build", "-o", to}, flags...)
	if out, err := exec.Command("go", append(args, "..")...).CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}
