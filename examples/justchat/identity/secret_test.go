package identity

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestSecretFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	secret := NewSecret()
	if err := secret.Write(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if got, err := ReadSecret(file); err != nil || hex.EncodeToString(got.Current) != hex.EncodeToString(secret.Current) || len(got.Old) != 0 {
		t.Errorf("got another secret, or %v, want what was written", err)
	}
	if err := NewSecret().Write(file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want the file not written over", err)
	}
	rotated := secret.Rotate()
	if err := rotated.Replace(file); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSecret(file)
	if err != nil || !reflect.DeepEqual(got, rotated) || string(got.Old[0]) != string(secret.Current) {
		t.Errorf("got another secret, or %v, want the rotated one", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
		t.Errorf("got %q, want no files left", left)
	}
}

func TestReadSecretRefuses(t *testing.T) {
	folder := t.TempDir()
	good := strings.Repeat("ab", 32)
	for text, want := range map[string]string{
		"":                         "has no secret in it",
		"# nothing\n":              "has no secret in it",
		good + "\nshort":           "line 2 is no secret",
		good[2:]:                   "line 1 is no secret",
		good + "\n\n" + good:       "twice",
		many(MaxOld + 2):           "at most 4",
		strings.Repeat("x", 1<<20): "line 1 is no secret",
	} {
		file := filepath.Join(folder, "secret")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadSecret(file)
		wantError(t, fmt.Sprintf("%.20q", text), err, want)
		if err != nil && strings.Contains(err.Error(), good[:10]) {
			t.Errorf("got %v, want an error without the secret", err)
		}
	}
	_, err := ReadSecret(filepath.Join(folder, "none"))
	wantError(t, "no file", err, "justchat init")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func many(n int) (text string) {
	for i := range n {
		text += strings.Repeat(fmt.Sprintf("%02x", i), 32) + "\n"
	}
	return text
}

func TestReadSecretForms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	a, b := NewSecret(), NewSecret()
	text := "# comment\r\n\r\n  " + base64.StdEncoding.EncodeToString(a.Current) + "\r\n" + strings.ToUpper(hex.EncodeToString(b.Current))
	if err := os.WriteFile(file, []byte(text), 0o400); err != nil {
		t.Fatal(err)
	}
	want := Secret{Current: a.Current, Old: [][]byte{b.Current}}
	if got, err := ReadSecret(file); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got another secret, or %v, want base64 and hex, and any ends of lines", err)
	}
}

func TestReadSecretMode(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := NewSecret().Write(file); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601, 0o777} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, err := ReadSecret(file)
		wantError(t, mode.String(), err, "chmod 600 "+file)
	}
}

func TestRotate(t *testing.T) {
	secret := NewSecret()
	first := secret.Current
	for range MaxOld {
		secret = secret.Rotate()
	}
	if n := len(secret.Old); n != MaxOld || string(secret.Old[MaxOld-1]) != string(first) {
		t.Errorf("got %d old secrets, want %d, the first one last", n, MaxOld)
	}
	if secret = secret.Rotate(); len(secret.Old) != MaxOld || string(secret.Old[MaxOld-1]) == string(first) {
		t.Errorf("got %d old secrets, want %d, without the first one", len(secret.Old), MaxOld)
	}
	newCluster(t, secret)
}

// TestSecretHidden prints one in all ways.
func TestSecretHidden(t *testing.T) {
	secret := NewSecret().Rotate()
	holder := struct {
		Secret  Secret
		Pointer *Secret
	}{secret, &secret}
	text := fmt.Sprintf("%v %+v %#v %s %x %d %q", holder, holder, holder, secret, secret, secret, &secret)
	data, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	text += string(data)
	for _, form := range []string{"%x", "%X", "%d", "%q", "%v"} {
		if one := strings.Trim(fmt.Sprintf(form, secret.Current), "[]"); strings.Contains(text, one) {
			t.Errorf("got %q, want nothing of the secret", text)
		}
	}
	if !strings.Contains(text, "(a secret, 1 old)") {
		t.Errorf("got %q, want it said what stands there", text)
	}
}

// TestClusterSame makes one of the same secret twice, and knows what it came to in an earlier version, whose nodes
// and clients would not find this one theirs.
func TestClusterSame(t *testing.T) {
	secret := Secret{Current: []byte(strings.Repeat("s", 32)), Old: [][]byte{[]byte(strings.Repeat("o", 32))}}
	a, b := newCluster(t, secret), newCluster(t, secret)
	if !reflect.DeepEqual(a.chain, b.chain) || len(a.chain) != 3 {
		t.Errorf("got %x and %x, want the same certificates", a.chain, b.chain)
	}
	if got, want := a.Authority().Fingerprint(), "db95d6a5e0e8b42df5862b2d304d6ef53a301e53e18a10afe707bc32712bf59f"; got != want {
		t.Errorf("got the fingerprint %s, want %s", got, want)
	}
	if got, want := hex.EncodeToString(a.HeartbeatKey()), "b0f3029aede9f95e613ee098f681f8b809dd069b4232d9216c3ece1f8de3ebb6"; got != want {
		t.Errorf("got the key %s, want %s", got, want)
	}
	for _, secret := range []Secret{{}, {Current: make([]byte, 31)}, {Current: make([]byte, 32), Old: [][]byte{make([]byte, 32)}}} {
		if _, err := NewCluster(secret); err == nil {
			t.Errorf("got a cluster of %v, want an error", secret)
		}
	}
}
