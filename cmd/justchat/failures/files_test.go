package failures_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bigFile is how many bytes the large file of a test has. In a soak it has as many as people are told that it may have
// without a second thought.
func bigFile() int64 {
	if soaking {
		return 1 << 30
	}
	return 96 << 20
}

// mostMemory is by how much a node may grow while a large file goes through it: it must not depend on the file's size.
const mostMemory = 64 << 20

// writeFile writes a file of so many bytes, other ones for each name, and returns its path.
func writeFile(t testing.TB, name string, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, 1<<20)
	if _, err = io.CopyN(w, rand.NewChaCha8(sha256.Sum256([]byte(name))), size); err != nil {
		t.Fatal(err)
	}
	if err = w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err = file.Sync(); err != nil { // or what follows would pay for it
		t.Fatal(err)
	}
	return path
}

// hears waits until the client has said that, in its own words, and returns the line.
func (p *terminal) hears(beginning string) string {
	p.t.Helper()
	return p.sees(&p.err, beginning, func(line string) bool { return strings.HasPrefix(line, "-- "+beginning) })
}

// offered waits until she is asked about a file, and returns the number that takes it.
func (p *terminal) offered(from, name string) (number string) {
	p.t.Helper()
	line := p.hears(from + " offers " + name)
	_, rest, _ := strings.Cut(line, "#accept ")
	number, _, _ = strings.Cut(rest, " ")
	return number
}

// accepts takes a file that she is asked about.
func (p *terminal) accepts(from, name string) {
	p.t.Helper()
	p.types("#accept " + p.offered(from, name))
}

// received waits until a file has arrived, and returns its path.
func (p *terminal) received(name string) (path string) {
	p.t.Helper()
	line := p.hears("received " + name)
	_, path, _ = strings.Cut(line, ": it is ")
	return path
}

// shares has her share a file, and waits until servers hold it.
func (p *terminal) shares(path string, copies string) {
	p.t.Helper()
	p.types("#share #" + path)
	p.hears(filepath.Base(path) + " is shared with all (" + copies)
}

// gets has her take a public file, and returns where it is.
func (p *terminal) gets(name string) (path string) {
	p.t.Helper()
	p.types("#get #" + name)
	return p.received(name)
}

// wantSame expects two files to have the same bytes.
func wantSame(t testing.TB, got, want string) {
	t.Helper()
	if got, want := sum(t, got), sum(t, want); got != want {
		t.Errorf("got bytes with the hash %x, want %x", got, want)
	}
}

func sum(t testing.TB, path string) (s [sha256.Size]byte) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		t.Fatal(err)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// wantOnly expects a folder to hold nothing but a file of that name, neither hidden nor half written.
func wantOnly(t testing.TB, folder string, names ...string) {
	t.Helper()
	var got []string
	filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, d.Name())
		}
		return nil
	})
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Errorf("got %q in %s, want %q", got, folder, names)
	}
}

// stored is how many bytes lie in a folder, whatever they are.
func stored(folder string) (bytes int64) {
	filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}

// fileTime is how long tests wait for a large file.
func fileTime() time.Duration {
	return max(patience, time.Duration(bigFile()>>20)*200*time.Millisecond)
}

// halfWay waits until half of a file lies in a folder, beside what lay there before.
func (c *cluster) halfWay(folder string, before, size int64) {
	c.t.Helper()
	for late := time.Now().Add(fileTime()); stored(folder)-before < size/2; pause(c.t.Context(), time.Millisecond) {
		if time.Now().After(late) {
			c.t.Fatalf("%d bytes of %d have come to %s in %v", stored(folder)-before, size, folder, fileTime())
		}
	}
}

// folder is where a server keeps what it keeps.
func (c *cluster) folder(server int) string {
	return filepath.Join(c.dir, fmt.Sprint("server", server))
}

// whereIs is the number of the server where somebody is.
func (c *cluster) whereIs(p *terminal) int {
	c.t.Helper()
	name := p.server()
	for i, n := range c.servers {
		if n.name == name {
			return i
		}
	}
	c.t.Fatalf("%s is at %q, which is no server", p.user, name)
	return 0
}

// memory returns a process's memory in bytes, as /proc names it: VmRSS for now, VmHWM for the most that it had.
func (p *process) memory(which string) int64 {
	p.t.Helper()
	return p.proc("status", which+":") << 10
}

// written is how many bytes a process has given to its disk and its connections.
func (p *process) written() int64 {
	p.t.Helper()
	return p.proc("io", "wchar:")
}

// proc reads a number from a file about the process.
func (p *process) proc(file, name string) int64 {
	p.t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, file))
	if err != nil {
		p.t.Skipf("this system does not tell: %v", err)
	}
	for line := range bytes.Lines(content) {
		fields := strings.Fields(string(line))
		if len(fields) > 1 && fields[0] == name {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n
		}
	}
	p.t.Fatalf("%s has no %s", file, name)
	return 0
}

// A scale weighs processes: what each has at first, and by how much it grows.
type scale map[*process]int64

// weigh puts processes onto a scale.
func weigh(processes ...*process) scale {
	s := make(scale)
	for _, p := range processes {
		s[p] = p.memory("VmRSS")
	}
	return s
}

// wantLight expects each process that lives to have grown by so much at most, at any time.
func (s scale) wantLight(t testing.TB, what string) {
	t.Helper()
	for p, before := range s {
		select {
		case <-p.done:
			continue
		default:
		}
		grown := p.memory("VmHWM") - before
		t.Logf("%s: %s grew by at most %d KiB, from %d", what, p.name, grown>>10, before>>10)
		if grown > mostMemory {
			t.Errorf("%s: %s grew by %d MiB, want at most %d", what, p.name, grown>>20, int64(mostMemory)>>20)
		}
	}
}
