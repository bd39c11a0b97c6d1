package client

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
)

// console is where a person, or a script, types commands and reads messages.
// Print and Close may be called at any time, also beside ReadLine.
type console interface {
	ReadLine() (string, error)   // without its line break; any error but a skippedLine is the end
	Print(lines ...string) error // each made Printable
	Greet(line string)           // as Print, but only for people
	Close() error                // gives the terminal back; Print still works; may be called again
}

// longestLine is in bytes; no longer one fits into a request.
const longestLine = 64 << 10

// A skippedLine is an error of ReadLine after which the next line can be read.
type skippedLine string

func (s skippedLine) Error() string { return string(s) + "; it was skipped" }

var errLongLine error = skippedLine(fmt.Sprintf("that line is longer than %d bytes", longestLine))

// openConsole returns a line editor if both stdin and stdout are a terminal
// that can do more than scroll, and otherwise plain lines, without prompt and greeting.
func openConsole(stdin io.Reader, stdout io.Writer, prompt string) (console, error) {
	in, isFile := stdin.(*os.File)
	out, areFiles := stdout.(*os.File)
	if isFile && areFiles && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" {
		return openTerminal(in, out, prompt)
	}
	return &lines{in: bufio.NewReaderSize(stdin, longestLine+len("\n")), out: stdout}, nil
}

// lines is the console of pipes and files.
type lines struct {
	in *bufio.Reader

	mutex sync.Mutex // one Print at a time
	out   io.Writer
}

// ReadLine returns a last line without line break as any other.
func (l *lines) ReadLine() (string, error) {
	line, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = l.in.ReadSlice('\n')
		}
		return "", errLongLine
	}
	if err != nil && len(line) == 0 {
		return "", err
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))), nil
}

func (l *lines) Print(texts ...string) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_, err := io.WriteString(l.out, printed(texts))
	return err
}

func (l *lines) Greet(string) {}

func (l *lines) Close() error { return nil }

// printed returns texts as lines.
func printed(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(Printable(text))
		b.WriteByte('\n')
	}
	return b.String()
}
