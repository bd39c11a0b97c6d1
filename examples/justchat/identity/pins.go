package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A Pins remembers the authority of each cluster that a person has met. The file has
// a line for each: its fingerprints, the current one first, between commas, a blank, and the
// name by which the person knows it. Its methods may be called at once; several processes may have the same
// file, which is read again with each Check.
type Pins struct {
	file string

	mu    sync.Mutex
	lines []string // of the file when it was read last
}

const pinsHead = "# The clusters that this user has met, and their authorities. Take a line out to meet its cluster anew."

// ReadPins reads the file, which need not exist yet, nor its folder. Without a name it is
// kept in memory only. A line that is not understood is an error, since it may be a pin.
func ReadPins(file string) (*Pins, error) {
	p := &Pins{file: file}
	return p, p.read()
}

// read reads the file. The caller holds mu, or nobody else has p yet.
func (p *Pins) read() error {
	if p.file == "" {
		return nil
	}
	text, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		p.lines = nil
		return nil
	}
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	for i, line := range lines {
		if _, name := readPin(line); name == "" && line != "" && line[0] != '#' {
			return fmt.Errorf("%s:%d: this is no pin of a cluster: mend the line, or take it out", p.file, i+1)
		}
	}
	p.lines = lines
	return nil
}

// readPin returns what a line says, or no name if it says nothing.
func readPin(line string) (fingerprints []string, name string) {
	first, name, ok := strings.Cut(line, " ")
	fingerprints = strings.Split(first, ",")
	for _, one := range fingerprints {
		if len(one) != 64 || strings.Trim(one, "0123456789abcdef") != "" {
			ok = false
		}
	}
	if !ok || checkPinName(name) != nil {
		return nil, ""
	}
	return fingerprints, name
}

func checkPinName(name string) error {
	if name == "" || name != strings.TrimSpace(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("a cluster cannot be called %q: want one line without blanks at its ends", name)
	}
	return nil
}

// Check is for [Key.TLS]. A cluster that is not known under name is remembered, and first says so. One that is
// known has to have the authority that it had, or one that the last one that was known vouches
// for, which is remembered in its place; else the error is a *[ChangedKey].
func (p *Pins) Check(name string, a *Authority) (first bool, err error) {
	if err := checkPinName(name); err != nil {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.read(); err != nil {
		return false, err
	}
	met := a.fingerprints()
	line := strings.Join(met, ",") + " " + name
	at := slices.IndexFunc(p.lines, func(line string) bool { _, known := readPin(line); return known == name })
	if at < 0 {
		if len(p.lines) == 0 {
			p.lines = append(p.lines, pinsHead)
		}
		p.lines = append(p.lines, line)
		return true, p.write()
	}
	known, _ := readPin(p.lines[at])
	switch {
	case p.lines[at] == line:
		return false, nil
	case slices.Contains(met, known[0]): // it is the same, or the last one vouches for it
		p.lines[at] = line
		return false, p.write()
	case slices.Contains(known[1:], met[0]): // a node that has not been given the new secret yet
		return false, nil
	}
	return false, &ChangedKey{Cluster: name, Met: met[0], Known: known[0], File: p.file, Line: at + 1}
}

// Knows reports whether a cluster was met under name.
func (p *Pins) Knows(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.lines, func(line string) bool { _, known := readPin(line); return known == name })
}

// write puts the lines in the place of the file.
func (p *Pins) write() error {
	if p.file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(p.file), 0o700); err != nil {
		return fmt.Errorf("the cluster cannot be remembered: %w", err)
	}
	if err := replaceFile(p.file, []byte(strings.Join(p.lines, "\n")+"\n")); err != nil {
		return fmt.Errorf("the cluster cannot be remembered: %w", err)
	}
	return nil
}

// A ChangedKey is the error over a cluster that proves to be another than the one that was met by its name.
type ChangedKey struct {
	Cluster    string
	Met, Known string // fingerprints
	File       string // with the pins, and the number of the line, from 1
	Line       int
}

// Error returns several lines, since somebody has to decide.
func (e *ChangedKey) Error() string {
	return fmt.Sprintf(`THE CLUSTER'S KEY HAS CHANGED, nothing was sent to it
  cluster      %s
  proves to be %s
  was known as %s
Either its operators made a new secret in place of the old one (justchat init, and not init -rotate),
or somebody between you and the cluster listens. Ask its operators, by other means than
this chat, for the fingerprint. If it is the one that the cluster proves to be, take
line %d out of %s and connect again. If it is not, whoever that is would get your password.`,
		e.Cluster, e.Met, e.Known, e.Line, e.File)
}
