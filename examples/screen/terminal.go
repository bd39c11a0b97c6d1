package screen

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/term"
)

// Sent around the editor's life: the terminal then marks what is pasted, so that a pasted tab is text
// and not a key.
const (
	pasteMarksOn  = "\x1b[?2004h"
	pasteMarksOff = "\x1b[?2004l"
)

// longestTyped is how many characters the editor takes; what is typed or pasted beyond them it drops without
// a word.
const longestTyped = 4096

// A terminal is the screen of people: it edits lines, keeps what was typed, and draws the line that is being
// typed anew below whatever is printed.
//
//	openTerminal: raw ── Close ──> as it was; Print goes on in plain lines
type terminal struct {
	config  Config
	in, out *os.File
	editor  atomic.Pointer[term.Terminal]
	before  *term.State
	resized *resizes

	mu     sync.Mutex
	asking bool // a line is being typed
	closed bool
}

func openTerminal(in, out *os.File, config Config) (*terminal, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, err
	}
	t := &terminal{config: config, in: in, out: out, before: before}
	t.newEditor()
	t.resized = watchResizes(t.fit)
	io.WriteString(out, pasteMarksOn)
	return t, nil
}

// newEditor begins with an empty line.
func (t *terminal) newEditor() {
	t.editor.Store(term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{t.in, t.out}, t.config.Prompt))
	t.fit()
}

// fit tells the editor the window's size; a window that does not know it keeps the last.
func (t *terminal) fit() {
	if width, height, err := term.GetSize(int(t.out.Fd())); err == nil && width > 0 {
		t.editor.Load().SetSize(width, height)
	}
}

// ReadLine returns io.EOF for Ctrl-C, and for Ctrl-D on an empty line. It may be called again then: only a terminal that is
// gone ends each time.
func (t *terminal) ReadLine() (string, error) {
	t.setAsking(true)
	line, err := t.editor.Load().ReadLine()
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	if err == nil {
		t.setAsking(false)
	} else {
		t.leaveLine()
	}
	if err == nil && utf8.RuneCountInString(line) >= longestTyped {
		return "", SkippedLine(fmt.Sprintf("that line may be cut short, since no more than %d characters can be typed", longestTyped))
	}
	return line, err
}

// leaveLine leaves what was typed behind, with the editor, which would read the key that has ended it for ever.
func (t *terminal) leaveLine() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.asking = false
		io.WriteString(t.out, "\r\n")
		t.newEditor()
	}
}

func (t *terminal) ReadPassword(prompt string) (string, error) {
	t.setAsking(true)
	password, err := t.editor.Load().ReadPassword(prompt)
	if errors.Is(err, io.EOF) {
		return "", ErrCancelled
	}
	t.setAsking(false)
	return password, err
}

func (t *terminal) setAsking(asking bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asking = asking
}

func (t *terminal) Print(texts ...string) error {
	if len(texts) == 0 {
		return nil // the editor would draw its line anew
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var out io.Writer = t.editor.Load()
	if t.closed {
		out = t.out
	} else {
		// The editor goes back over what is typed as if each character were one column
		// wide. Those of two would leave it short of the line's beginning.
		io.WriteString(t.out, "\r")
	}
	_, err := io.WriteString(out, t.config.printed(texts))
	return err
}

func (t *terminal) Note(line string) { t.Print(line) }

func (t *terminal) Greet(lines ...string) { t.Print(lines...) }

func (t *terminal) Echoes() bool { return true }

// Close leaves the cursor at the beginning of a line.
func (t *terminal) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	t.resized.Stop()
	end := pasteMarksOff
	if t.asking {
		end = "\r\n" + end
	}
	io.WriteString(t.out, end)
	return term.Restore(int(t.in.Fd()), t.before)
}
