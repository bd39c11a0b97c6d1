package identity

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func readPins(t *testing.T, file string) *Pins {
	t.Helper()
	p, err := ReadPins(file)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *Pins) want(t *testing.T, what, name string, a *Authority, want bool) {
	t.Helper()
	if first, err := p.Check(name, a); err != nil || first != want {
		t.Errorf("%s: got %t, %v, want %t", what, first, err, want)
	}
}

func TestPins(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config", "justchat", "clusters")
	a, b := newCluster(t).Authority(), newCluster(t).Authority()
	p := readPins(t, file)
	p.want(t, "the first time", "room.example:5000", a, true)
	p.want(t, "again", "room.example:5000", a, false)
	p.want(t, "another name, with blanks", "room 2", b, true)
	p = readPins(t, file)
	p.want(t, "by another process", "room.example:5000", a, false)
	p.want(t, "by another process, too", "room 2", b, false)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want mode 0600", info, err)
	}
	first, err := p.Check("room.example:5000", b)
	if changed := new(ChangedKey); first || !errors.As(err, &changed) {
		t.Fatalf("got %t, %v, want a *ChangedKey", first, err)
	}
	for _, want := range []string{"HAS CHANGED", "room.example:5000", a.Fingerprint(), b.Fingerprint(), "line 2 out of " + file} {
		wantError(t, "a changed key", err, want)
	}
	p.want(t, "after that", "room.example:5000", a, false)
	for _, name := range []string{"", " a", "a\nb"} {
		if _, err := p.Check(name, a); err == nil {
			t.Errorf("%q: got no error, want it refused as a name", name)
		}
	}
}

// TestPinsProcesses has two processes with one file, which keeps what is not theirs.
func TestPinsProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clusters")
	comment := "# mine\n"
	if err := os.WriteFile(file, []byte(comment), 0o600); err != nil {
		t.Fatal(err)
	}
	a, b := newCluster(t).Authority(), newCluster(t).Authority()
	one, two := readPins(t, file), readPins(t, file)
	one.want(t, "one", "a", a, true)
	two.want(t, "two", "b", b, true)
	one.want(t, "one, of two's", "b", b, false)
	two.want(t, "two, of one's", "a", a, false)
	want := comment + a.Fingerprint() + " a\n" + b.Fingerprint() + " b\n"
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestPinsAtOnce(t *testing.T) {
	p := readPins(t, "")
	a := newCluster(t).Authority()
	var all sync.WaitGroup
	firsts := make([]bool, 20)
	for i := range firsts {
		all.Go(func() {
			var err error
			if firsts[i], err = p.Check("a", a); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(slices.DeleteFunc(firsts, func(first bool) bool { return !first })); n != 1 {
		t.Errorf("got %d firsts, want 1", n)
	}
}

func TestPinsBadFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clusters")
	good := strings.Repeat("a", 64)
	for text, want := range map[string]string{
		good + " room\r\n\n#\n":         "",
		good + " room\nnonsense\n":      ":2: this is no pin",
		good:                            ":1: this is no pin",
		good[1:] + " room":              ":1: this is no pin",
		good + ",x room":                ":1: this is no pin",
		strings.ToUpper(good) + " room": ":1: this is no pin",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadPins(file)
		wantError(t, text, err, want)
	}
	if err := os.WriteFile(file, []byte(good+" room\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := readPins(t, file)
	if err := os.WriteFile(file, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := p.Check("room", newCluster(t).Authority())
	wantError(t, "a file that was broken since", err, "this is no pin")
}

// TestPinsRotation meets a cluster through its rotation: nodes with the old secret, with both, with the new one.
func TestPinsRotation(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clusters")
	first := NewSecret()
	second := first.Rotate()
	old, both, fresh := newCluster(t, first), newCluster(t, second), newCluster(t, Secret{Current: second.Current})
	thief := newCluster(t, first.Rotate())
	meet := func(c *Cluster) error {
		var pinned error
		p := readPins(t, file)
		_, err := handshake(t, c.nodeTLS(t, LoadBalancer, "lb"), newKey(t).TLS(func(a *Authority) error {
			_, pinned = p.Check("room", a)
			return pinned
		}))
		if !errors.Is(err, pinned) {
			t.Errorf("got %v, want %v", err, pinned)
		}
		return pinned
	}
	for _, step := range []struct {
		what string
		met  *Cluster
		want string
	}{
		{"the old", old, ""},
		{"the new, which nobody vouches for", fresh, "HAS CHANGED"},
		{"both", both, ""},
		{"the old, in between", old, ""},
		{"a thief of the old", thief, "HAS CHANGED"},
		{"both again", both, ""},
		{"the new", fresh, ""},
		{"the old, which is over", old, "HAS CHANGED"},
		{"the new again", fresh, ""},
	} {
		wantError(t, step.what, meet(step.met), step.want)
	}
}
