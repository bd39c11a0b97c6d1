package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A block is a fenced piece of the README.
type block struct {
	kind string // what stands behind the opening fence
	text string
	file string // the file that the prose before it named last, "" if none did
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^( *)```(\\w+)\n(.*?)^ *```$")
	namedFile   = regexp.MustCompile("`([\\w./]+\\.(?:parley|go))`")
)

// readme returns the blocks of one section of the README, in order.
func readme(t *testing.T, section string) []block {
	t.Helper()
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(data), "\n## "+section+"\n")
	if !found {
		t.Fatalf("the README has no section %q", section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	var blocks []block
	end := 0
	for _, m := range fencedBlock.FindAllStringSubmatchIndex(rest, -1) {
		b := block{kind: rest[m[4]:m[5]]}
		indent := rest[m[2]:m[3]]
		for line := range strings.Lines(rest[m[6]:m[7]]) {
			b.text += strings.TrimPrefix(line, indent)
		}
		if names := namedFile.FindAllStringSubmatch(rest[end:m[0]], -1); names != nil {
			b.file = names[len(names)-1][1]
		}
		blocks, end = append(blocks, b), m[1]
	}
	return blocks
}

// TestReadmeHello follows «From a definition to a call» in a module outside of this one.
func TestReadmeHello(t *testing.T) {
	work := t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(work, "parley")); err != nil {
		t.Fatal(err)
	}
	hello := filepath.Join(work, "hello")
	write(t, filepath.Join(hello, "go.mod"), "module example.com/hello\n\ngo 1.26\n")

	var output string
	for _, b := range readme(t, "From a definition to a call") {
		switch b.kind {
		case "parley", "go":
			write(t, filepath.Join(hello, b.file), b.text)
		case "sh":
			output, err = shell(hello, b.text)
			if err != nil {
				t.Fatalf("%s: %v\n%s", b.text, err, output)
			}
		case "output":
			if !strings.HasSuffix(output, b.text) {
				t.Errorf("the commands printed\n%s\nwant at the end\n%s", output, b.text)
			}
		}
	}
	if output == "" {
		t.Error("the README's commands printed nothing")
	}
}

// TestReadmeAddRPC follows «Add an RPC» in a copy of the checkout.
func TestReadmeAddRPC(t *testing.T) {
	dir := copyCheckout(t)
	var output string
	var failed error
	for _, b := range readme(t, "Add an RPC") {
		file := filepath.Join(dir, b.file)
		switch b.kind {
		case "parley":
			write(t, file, strings.Replace(read(t, file), "\n}\n", "\n"+b.text+"}\n", 1)) // Chat comes first
		case "go":
			write(t, file, read(t, file)+"\n"+b.text)
		case "sh":
			if failed != nil {
				t.Fatalf("%v\n%s", failed, output)
			}
			output, failed = shell(dir, b.text)
		case "output":
			if failed == nil || !strings.Contains(output, strings.TrimSpace(b.text)) {
				t.Fatalf("got %v\n%s\nwant a failure that says %q", failed, output, b.text)
			}
			failed = nil
		}
	}
	if failed != nil || !strings.Contains(output, "ok ") {
		t.Errorf("the last step: %v\n%s", failed, output)
	}
}

// copyCheckout returns a folder with the files of the checkout that git tracks or would track.
func copyCheckout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = ".."
	names, err := list.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) {
			continue // deleted, but not from the index yet
		}
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(data))
	}
	return dir
}

// shell runs script in dir and returns all that it printed.
func shell(dir, script string) (string, error) {
	command := exec.Command("sh", "-ec", script)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := command.CombinedOutput()
	return string(out), err
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// read returns the text of file, "" if there is no such file.
func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}
