package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-rpc/parley/cmd/parley/vet"
	"github.com/parley-rpc/parley/idl/syntax"
)

func main() {
	if vet.ForGoCommand(os.Args[1:]) {
		vet.AnswerGoCommand() // go vet -vettool; it ends the program
	}
	err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	os.Exit(exitCode(err))
}

// run does what the command line args, without the program's name, says. What is wrong is printed to stderr
// before it is returned; exitCode has the exit status for it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	command := newCommand()
	command.SetArgs(doubleDashes(args))
	command.SetIn(stdin)
	command.SetOut(stdout)
	command.SetErr(stderr)
	if isCompletion(args) {
		return complete(ctx, command, args, stdout)
	}
	command, err := command.ExecuteContextC(ctx)
	report(stderr, command.CommandPath(), err)
	if exitCode(err) == 2 {
		fmt.Fprintf(stderr, "Run '%s -h' for its flags and an example.\n", command.CommandPath())
	}
	return err
}

// errFindings says that something was found, and printed as the command's output.
var errFindings = errors.New("found something")

// A usageError says that the command line asks for something that cannot be.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode returns 0 without an error, 2 for a wrong command line, 1 for everything else.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	}
	return 1
}

// report prints err on behalf of command, mistakes in .parley files with their source lines.
func report(stderr io.Writer, command string, err error) {
	switch e := err.(type) {
	case nil:
	case syntax.ErrorList:
		e.Print(stderr)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			report(stderr, command, err)
		}
	default:
		if err != errFindings {
			fmt.Fprintf(stderr, "%s: %s\n", command, printable(err.Error()))
		}
	}
}

// printable returns text with a mark in place of each character that would upset a terminal: a server may have
// chosen them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}
