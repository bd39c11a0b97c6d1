package transfer

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// killedSize is more than three processes receive before they are killed: each is ahead of what is read of it by the 64 KiB of a
// pipe at most, a thousand bytes a line.
const killedSize = 32 << 20

// receiveUntilKilled receives a file in pieces, and prints how far it is after each.
func receiveUntilKilled(dir string) {
	err := func() error {
		f, err := OpenFolder(dir)
		if err != nil {
			return err
		}
		data := content(killedSize)
		in, err := f.Receive(infoOf("a", data))
		if err != nil {
			return err
		}
		return in.Append(func(yield func([]byte, error) bool) {
			for at := in.Done(); at < killedSize && yield(data[at:at+1000], nil); at = in.Done() {
				fmt.Println(in.Done())
			}
		})
	}()
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKill kills a process in the middle of receiving: what it had is there for the next, and nothing else.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	data := content(killedSize)
	done := int64(0)
	for range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TRANSFER_RECEIVE_IN="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		first, lines := done, bufio.NewScanner(out)
		for lines.Scan() { // to the end, which is after the kill
			if done, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
				t.Fatal(err)
			}
			if done-first > 300_000 {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
	}
	f := openFolder(t, dir)
	in := begin(t, f, infoOf("a", data))
	got := in.Done()
	if got < done || got > done+1000 || got >= killedSize {
		t.Errorf("got %d bytes there, want %d or a piece more", got, done)
	}
	wantFiles(t, dir, map[string][]byte{filepath.Join(hidden, partialName(infoOf("", data).Sum)): data[:got]})
	add(t, in, data[got:])
	if _, err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string][]byte{"a": data})
}
