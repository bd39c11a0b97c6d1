package identity

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

const (
	secretSize = 32
	// MaxOld is how many old secrets a cluster accepts. [Secret.Rotate] drops the oldest beyond it.
	MaxOld = 4
)

// A Secret is what the nodes of a cluster share and nobody else knows. Old are
// earlier secrets that are still accepted, after a rotation. It does not show itself
// where it is printed or logged.
type Secret struct {
	Current []byte   // 32 random bytes
	Old     [][]byte // the latest first
}

// NewSecret returns a random secret.
func NewSecret() Secret {
	s := Secret{Current: make([]byte, secretSize)}
	rand.Read(s.Current) // never fails
	return s
}

// Rotate returns a new random secret that has s as its latest old one.
func (s Secret) Rotate() Secret {
	rotated := NewSecret()
	rotated.Old = slices.Insert(slices.Clone(s.Old), 0, s.Current)
	rotated.Old = rotated.Old[:min(len(rotated.Old), MaxOld)]
	return rotated
}

// Format keeps the secret out of all that is printed.
func (s Secret) Format(state fmt.State, _ rune) { io.WriteString(state, s.describe()) }

// MarshalText keeps the secret out of logs in JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.describe()), nil }

func (s Secret) describe() string { return fmt.Sprintf("(a secret, %d old)", len(s.Old)) }

// check returns what is wrong with s.
func (s Secret) check() error {
	if len(s.Old) > MaxOld {
		return fmt.Errorf("the secret has %d old ones, at most %d are accepted: take out the last lines", len(s.Old), MaxOld)
	}
	seen := make(map[string]bool)
	for _, one := range s.all() {
		switch {
		case len(one) != secretSize:
			return fmt.Errorf("a secret has %d bytes, not %d: make one with justchat init", len(one), secretSize)
		case seen[string(one)]:
			return errors.New("the same secret stands there twice: take one of the lines out")
		}
		seen[string(one)] = true
	}
	return nil
}

// all returns the current secret and the old ones.
func (s Secret) all() [][]byte { return append([][]byte{s.Current}, s.Old...) }

const secretHead = `# The secret of a JustChat cluster: whoever has it can be any node and any user.
# The first line is the current one; those below are older, and still accepted.
`

// longestSecretFile is more than any file of MaxOld secrets, with comments.
const longestSecretFile = 64 << 10

// ReadSecret reads a file: a secret of 32 bytes in hex or base64 a line, the current one
// first. Empty lines and those that begin with # do not count. A file that its group or others may
// read or write is refused. Without a file the error is fs.ErrNotExist.
func ReadSecret(file string) (Secret, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Secret{}, fmt.Errorf("no secret of a cluster: %w; make one with justchat init, or copy that of another node", err)
	}
	if err != nil {
		return Secret{}, err
	}
	defer f.Close()
	if err := checkMode(f); err != nil {
		return Secret{}, err
	}
	text, err := io.ReadAll(io.LimitReader(f, longestSecretFile))
	if err != nil {
		return Secret{}, err
	}
	secret, err := parseSecret(text)
	if err != nil {
		return Secret{}, fmt.Errorf("%s: %w", file, err)
	}
	return secret, nil
}

// checkMode asks the open file, not its name, which could be another's by now.
func checkMode(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" { // there the bits say nothing
		return fmt.Errorf("others may read or write the secret %s (mode %04o): chmod 600 %s, and if they may have, justchat init -rotate",
			f.Name(), mode, f.Name())
	}
	return nil
}

func parseSecret(text []byte) (Secret, error) {
	var all [][]byte
	number := 0
	for line := range bytes.Lines(text) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		one, err := hex.DecodeString(string(line))
		if err != nil {
			one, err = base64.StdEncoding.DecodeString(string(line))
		}
		if err != nil || len(one) != secretSize { // the line itself stays out of the error
			return Secret{}, fmt.Errorf("line %d is no secret: want %d bytes in hex or base64", number, secretSize)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return Secret{}, errors.New("the file has no secret in it: make one with justchat init")
	}
	secret := Secret{Current: all[0], Old: all[1:]}
	return secret, secret.check()
}

// Write writes the secret to a new file that its owner alone may read. If there is a
// file, it is left as it is, and the error is fs.ErrExist.
func (s Secret) Write(file string) error {
	text, err := s.file()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("a secret is never written over another: %w; justchat init -rotate makes a new one beside it", err)
	}
	if err != nil {
		return err
	}
	if err := fill(f, text); err != nil {
		os.Remove(file)
		return err
	}
	return nil
}

// Replace writes the secret in the place of the one in file, at once and whole or not at all.
// It is for what [Secret.Rotate] returned.
func (s Secret) Replace(file string) error {
	text, err := s.file()
	if err != nil {
		return err
	}
	return replaceFile(file, text)
}

func (s Secret) file() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	text := []byte(secretHead)
	for _, one := range s.all() {
		text = append(hex.AppendEncode(text, one), '\n')
	}
	return text, nil
}

// replaceFile puts text in the place of file, with mode 0600: after a crash the file is the one or the other.
func replaceFile(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // with mode 0600
	if err != nil {
		return err
	}
	err = fill(f, text)
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// fill writes text to f, to the disk, and closes it.
func fill(f *os.File, text []byte) error {
	_, err := f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
