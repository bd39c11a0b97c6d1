package messagelog

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// TestKill kills a process in the middle of appending, several times: nothing that it
// said to be on disk is lost.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := make(map[string]uint64)
	for kill := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "MESSAGELOG_APPEND_TO="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan()
		origin := lines.Text()
		for lines.Scan() { // to the end, which is after the kill
			n, err := strconv.ParseUint(lines.Text(), 10, 64)
			if err != nil {
				break // cut off
			}
			acknowledged[origin] = n
			if n == uint64(500+77*kill) {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		if acknowledged[origin] < 500 {
			t.Fatalf("only %d appended", acknowledged[origin])
		}
	}
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Start() != 6 || len(acknowledged) != 5 {
		t.Errorf("got start %d, and %d origins, want 6 and 5", l.Start(), len(acknowledged))
	}
	seen := l.Seen()
	for origin, number := range acknowledged {
		if seen[origin] < number || seen[origin] > number+1 {
			t.Errorf("%s: got %d, want %d or one more", origin, seen[origin], number)
		}
	}
}
