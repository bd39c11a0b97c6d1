package console

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/parley-rpc/parley/examples/justchat/names"
)

// A screen is where a person, or a script, types lines and reads messages. What it shows is made printable, each
// on a line of its own. All but ReadLine and ReadPassword may be called at any time.
type screen interface {
	ReadLine() (string, error)                  // without its line break; any error but a skippedLine is the end
	ReadPassword(prompt string) (string, error) // what is typed does not show
	Print(lines ...string) error                // messages and answers
	Note(line string)                           // the client's own words
	Greet(lines ...string)                      // as Print, but only for people
	Echoes() bool                               // what was typed stands on it
	Close() error                               // gives the terminal back; Print and Note still work; may be called again
}

// longestLine is in bytes. It has room for the longest message, and its receiver.
const longestLine = 64 << 10

// A skippedLine is an error of ReadLine after which the next line can be read.
type skippedLine string

func (s skippedLine) Error() string { return string(s) + "; it was skipped" }

// openScreen returns a line editor if both stdin and stdout are a terminal that can do more than
// scroll, and otherwise plain lines.
func openScreen(stdin io.Reader, stdout, stderr io.Writer) (screen, error) {
	in, isFile := stdin.(*os.File)
	out, areFiles := stdout.(*os.File)
	if isFile && areFiles && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" {
		return openTerminal(in, out)
	}
	return &pipes{in: bufio.NewReaderSize(stdin, longestLine+len("\n")), out: stdout, err: stderr}, nil
}

// pipes is the screen of scripts.
type pipes struct {
	in *bufio.Reader

	mu  sync.Mutex // one write at a time
	out io.Writer
	err io.Writer
}

// ReadLine returns a last line without line break as any other.
func (p *pipes) ReadLine() (string, error) {
	line, err := p.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = p.in.ReadSlice('\n')
		}
		return "", skippedLine(fmt.Sprintf("a line is longer than %d bytes", longestLine))
	}
	if err != nil && len(line) == 0 {
		return "", err
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))), nil
}

func (p *pipes) ReadPassword(string) (string, error) {
	return "", errors.New("there is no terminal to ask for the password on; give it in a file, with -password-file")
}

func (p *pipes) Print(lines ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := io.WriteString(p.out, printed(lines))
	return err
}

func (p *pipes) Note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	io.WriteString(p.err, printed([]string{line}))
}

func (p *pipes) Greet(...string) {}

func (p *pipes) Echoes() bool { return false }

func (p *pipes) Close() error { return nil }

// printed returns texts as lines.
func printed(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(names.Printable(text, false))
		b.WriteByte('\n')
	}
	return b.String()
}
