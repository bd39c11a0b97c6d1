package failures_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
)

// The floor is what any program that copies a file over TLS has to do, and no more: one process reads it and
// writes it into one connection, another writes what comes to its disk and flushes it. There is no protocol, no hash and no
// offer. Both processes are the test's own binary, which knows by its environment that it is one of them.
const floorRole = "JUSTCHAT_TEST_FLOOR"

// floorPiece is how much is read and written at once: as much as a piece of a file has in the room, and as much as
// two of TLS's records take without being split unevenly.
const floorPiece = 64 << 10

// floorMain is the life of one of the processes. It says on its output when it is ready and when it is done, and
// begins once it is told to.
func floorMain(role string) int {
	var err error
	switch role {
	case "receive":
		err = floorReceive(os.Args[1])
	case "send":
		err = floorSend(os.Args[1], os.Args[2])
	case "touch":
		for memory := make([]byte, touched); len(memory) > 0; memory = memory[4096:] {
			memory[0] = 1
		}
	default:
		err = fmt.Errorf("%s=%s is no part of the floor", floorRole, role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// floorReceive takes one file.
func floorReceive(path string) error {
	key, err := identity.NewKey()
	if err != nil {
		return err
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", key.ListenTLS())
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Printf("%s %x\n", listener.Addr(), []byte(key.Public))
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{file}, conn, make([]byte, floorPiece)); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

// floorSend sends a file to one who has said where he is and which key he has.
func floorSend(path, to string) error {
	var address string
	var public []byte
	if _, err := fmt.Sscanf(to, "%s %x", &address, &public); err != nil {
		return err
	}
	key, err := identity.NewKey()
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := fmt.Scanln(); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	socket, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer socket.Close()
	conn := tls.Client(socket, key.PeerTLS(public))
	if _, err := io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{file}, make([]byte, floorPiece)); err != nil {
		return err
	}
	return conn.CloseWrite()
}

// touched is more memory than a run's files need.
const touched = 3 << 30

// touchMemory has the machine be given memory: a virtual one gets it as it first touches it, and loses what it has not used for a
// while, and that takes longer than all else that is measured here.
func touchMemory(t testing.TB) {
	t.Helper()
	newFloorProcess(t, "touch").ends()
}

// floor copies a file as the floor does, from the first byte of the handshake until all is on the disk.
func floor(t testing.TB, path string) cost {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	defer os.Remove(to)
	receiver := newFloorProcess(t, "receive", to)
	sender := newFloorProcess(t, "send", path, receiver.says())
	if got := sender.says(); got != "ready" {
		t.Fatalf("the floor's sender says %q, want that it is ready", got)
	}
	began := time.Now()
	fmt.Fprintln(sender.in)
	if got := receiver.says(); got != "done" {
		t.Fatalf("the floor's receiver says %q, want that it is done", got)
	}
	return cost{time.Since(began), sender.ends() + receiver.ends()}
}

// A floorProcess is one of the two.
type floorProcess struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func newFloorProcess(t testing.TB, role string, args ...string) *floorProcess {
	t.Helper()
	p := &floorProcess{t: t, cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), floorRole+"="+role)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// says returns the next line that the process writes.
func (p *floorProcess) says() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("a process of the floor, %q: %v", p.cmd.Args, err)
	}
	return strings.TrimSpace(line)
}

// ends waits for the end of the process, and returns how much of the processors' time it has had.
func (p *floorProcess) ends() time.Duration {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("a process of the floor, %q: %v", p.cmd.Args, err)
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}
