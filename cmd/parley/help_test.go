package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands returns parley, its subcommands and theirs.
func commands() []*cobra.Command {
	root := newCommand()
	root.InitDefaultHelpCmd()
	all := []*cobra.Command{root}
	for i := 0; i < len(all); i++ { // it grows
		all = append(all, all[i].Commands()...)
	}
	return all
}

func TestHelpSaysWhatItDoesWithExampleAndFlags(t *testing.T) {
	for _, c := range commands() {
		args := strings.Fields(c.CommandPath() + " -h")[1:]
		var stdout, stderr bytes.Buffer
		if err := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); err != nil {
			t.Errorf("%s: %v", args, err)
		}
		help := stdout.String()
		if !strings.Contains(help, "\nExample:\n  parley ") && !strings.Contains(help, "\nExample:\n  source <(parley ") {
			t.Errorf("%s has no example:\n%s", args, help)
		}
		if sentence, _, _ := strings.Cut(help, "\n\n"); !strings.HasSuffix(sentence, ".") && !strings.HasSuffix(sentence, "...") {
			t.Errorf("%s begins with %q, want sentences", args, sentence)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(help, "-"+f.Name) || strings.Contains(help, "--"+f.Name) {
				t.Errorf("%s shows no flag -%s with one dash:\n%s", args, f.Name, help)
			}
		})
		if stderr.Len() > 0 {
			t.Errorf("%s: got %q on stderr, want nothing", args, &stderr)
		}
	}
}

// examplesSchema is a module in which the examples of the help texts make sense. Its Greeter is the one that serve
// starts a server of.
const examplesSchema = `
-- go.mod --
module example.com/chat

go 1.26
-- examples/greeter/greeter.parley --
// Package greeter greets.
package greeter

// Greeter greets.
@classic
service Greeter = 1 {
	// Greet greets name.
	0: Greet(name string) (greeting string)
}
-- store/files.go --
// Package store keeps files.
package store

// Store has a size.
type Store interface{ Size(name string) (bytes int64, err error) }

// Size returns the size of a file.
func Size(name string) (bytes int64, err error) { return 0, nil }
`

func TestHelpExamplesRun(t *testing.T) {
	var script strings.Builder
	script.WriteString(`exec git init -q
exec git add .
exec git -c user.name=x -c user.email=x@example.com commit -q -m v1.2.0
exec git tag v1.2.0
`)
	script.WriteString("serve\nrecord calls.pcap parley call RECORDED Greeter.Greet '{\"name\": \"gopher\"}'\n")
	inQuotes := strings.NewReplacer("'", "''", "localhost:7000", "$ADDRESS")
	script.WriteString("exec go mod edit -require=github.com/parley-rpc/parley@v0.0.0 -replace=github.com/parley-rpc/parley=$CHECKOUT\n")
	for _, c := range commands() {
		for line := range strings.Lines(c.Example) {
			script.WriteString("exec bash -c '" + inQuotes.Replace(strings.TrimSpace(line)) + "'\n")
		}
	}
	runScript(t, script.String()+examplesSchema)
}

func TestDoubleDashes(t *testing.T) {
	got := doubleDashes(strings.Fields("gen -out=x -root y -v --check - -5s -d=false -- -check"))
	want := strings.Fields("gen --out=x --root y -v --check - -5s -d=false -- -check")
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
}
