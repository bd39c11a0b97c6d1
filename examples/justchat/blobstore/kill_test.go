package blobstore

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain is a process that receives until it is killed, if TestKill has started it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("BLOBSTORE_RECEIVE_IN"); dir != "" {
		fmt.Fprintln(os.Stderr, receiveUntilKilled(dir))
		os.Exit(1)
	}
	runtimetest.Main(m)
}

const killedPieces = 10

func killedBlob() ([]byte, transfer.Sum) { return content(9, killedPieces*transfer.PieceSize) }

// receiveUntilKilled keeps one blob, and most of another, and says so.
func receiveUntilKilled(dir string) error {
	s, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	small, sum := content(1, 100)
	in, err := s.Receive(sum, 100)
	if err != nil {
		return err
	}
	if err := in.Append(piece(small)); err != nil {
		return err
	}
	if err := in.Commit(); err != nil {
		return err
	}
	data, sum := killedBlob()
	if in, err = s.Receive(sum, int64(len(data))); err != nil {
		return err
	}
	return in.Append(func(yield func([]byte, error) bool) {
		for n := range killedPieces - 1 {
			if !yield(data[n*transfer.PieceSize:][:transfer.PieceSize], nil) {
				return
			}
		}
		fmt.Println("most of it is there")
		select {}
	})
}

// TestKill kills a process in the middle of receiving: what was kept is kept, and what was not whole goes on.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BLOBSTORE_RECEIVE_IN="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Error("got no line, want it to be killed")
	}
	if _, err := Open(dir, Options{}); err == nil {
		t.Error("got the store opened by two")
	}
	cmd.Process.Kill()
	cmd.Wait()
	s := open(t, dir, Options{})
	small, _ := content(1, 100)
	want(t, s, small)
	data, sum := killedBlob()
	in := begin(t, s, sum, len(data))
	if got := in.Done(); got != (killedPieces-1)*transfer.PieceSize {
		t.Errorf("got %d bytes there, want all but a piece", got)
	}
	if err := in.Append(piece(data[in.Done():])); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, s, small, data)
}
