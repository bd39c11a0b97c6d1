//go:build system

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSystemGrammar reads a file with the grammar as VS Code does, with its own library, and compares the tokens.
// It needs npm, which fetches that library.
func TestSystemGrammar(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("there is no npm")
	}
	folder := t.TempDir()
	command(t, folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "vscode-textmate@9.3.2", "vscode-oniguruma@2.0.1")
	script, err := os.ReadFile("testdata/grammar/tokens.js")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "tokens.js"), script, 0o666); err != nil {
		t.Fatal(err)
	}
	got := command(t, ".", "node", filepath.Join(folder, "tokens.js"), grammar, "testdata/grammar/sample.parley")
	const golden = "testdata/grammar/sample.tokens"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("got:\n%s\nwant %s, %v", got, golden, err)
	}
}

// TestSystemExtension has Node.js read the extension's code.
func TestSystemExtension(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node")
	}
	command(t, ".", "node", "--check", extension+"/extension.js")
}

// command runs a program in a folder and returns what it prints.
func command(t *testing.T, folder, name string, args ...string) string {
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = folder, os.Stderr
	output, err := c.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, output)
	}
	return string(output)
}
