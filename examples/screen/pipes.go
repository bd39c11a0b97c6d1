package screen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// pipes is the screen of scripts.
type pipes struct {
	Config
	in *bufio.Reader

	mu sync.Mutex // one write at a time
}

// ReadLine returns a last line without line break as any other.
func (p *pipes) ReadLine() (string, error) {
	line, err := p.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = p.in.ReadSlice('\n')
		}
		return "", SkippedLine(fmt.Sprintf("that line is longer than %d bytes", LongestLine))
	}
	if err != nil && len(line) == 0 {
		return "", err
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))), nil
}

func (p *pipes) ReadPassword(string) (string, error) { return "", ErrNoTerminal }

func (p *pipes) Print(lines ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := io.WriteString(p.Stdout, p.printed(lines))
	return err
}

func (p *pipes) Note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	io.WriteString(p.Stderr, p.printed([]string{line}))
}

func (p *pipes) Greet(...string) {}

func (p *pipes) Echoes() bool { return false }

func (p *pipes) Close() error { return nil }
