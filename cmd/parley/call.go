package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// callSettings is one run of parley call.
type callSettings struct {
	target  remote.Target
	idl     []string // patterns of packages; nil to ask the server
	root    string
	verbose bool

	stdin          io.Reader
	stdout, stderr io.Writer
}

func callCommand() *cobra.Command {
	var s callSettings
	c := &cobra.Command{
		Use:   "call [FLAGS] ADDRESS SERVICE.METHOD [PARAMETERS]",
		Short: "call a method of a server",
		Long: `Call calls a method of the server at ADDRESS, host:port, and prints its results as JSON. The server says which methods it
has, unless -idl names the packages; one that speaks only the classic form needs that.
PARAMETERS are a JSON object, or @FILE that holds it, or - for the standard input. 64-bit integers are strings, bytes
base64, a time "2026-03-01T12:00:00Z", a duration "1m30s", an enum its value's name, a union {"case": value}, and
null is an optional that is absent.
A stream parameter is read from the standard input, one JSON value a line, as they come; items of a stream that the
method returns are printed so.
When the server answers with an error that the IDL declares, its fields stand below its text. The exit status is then
1, as for a call that could not be made.`,
		Example: `  parley call localhost:7000 Greeter.Greet '{"name": "gopher"}'
  parley call -H token=secret -timeout 2s localhost:7000 Greeter.Greet '{"name": "gopher"}'
  parley call -classic -idl ./examples/... localhost:7000 Greeter.Greet '{"name": "gopher"}'`,
		ValidArgsFunction: s.completeMethod,
		RunE: func(c *cobra.Command, args []string) error {
			s.stdin, s.stdout, s.stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
			ctx, stop := interruptible(c)
			defer stop()
			return unlessInterrupted(ctx, s.run(ctx, args))
		},
	}
	f := c.Flags()
	f.BoolVar(&s.target.Classic, "classic", false, "speak the classic form, a connection for the call")
	f.StringArrayVar(&s.idl, "idl", nil, "take the methods from the packages `DIR`, or a pattern, in place of asking the server; may be said again")
	rootFlag(c, &s.root)
	f.BoolVarP(&s.verbose, "verbose", "v", false, "print the metadata of the reply to standard error")
	serverFlags(c, &s.target)
	_ = c.RegisterFlagCompletionFunc("idl", completePackages) // it fails only for a flag that is not there
	return c
}

func (s *callSettings) run(ctx context.Context, args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return usagef("name an address, a method and its parameters, such as localhost:7000 Greeter.Greet '{\"name\": \"gopher\"}'")
	}
	ctx, cancel := withTimeout(ctx, s.target.Timeout)
	defer cancel()
	s.target.Address = args[0]
	caller, description, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer caller.Close()
	m, err := description.Method(args[1])
	if err != nil {
		return usageError{err}
	}
	if s.target.Classic && !m.Service.Classic {
		return usagef("%s is no method of a @classic service: leave out -classic", remote.FullMethod(m))
	}
	params, err := s.params(m, args[2:])
	if err != nil {
		return err
	}
	return s.call(ctx, caller, remote.NewMethod(m, description.Schema, s.target.Timeout), params)
}

// connect returns a caller of the server, to be closed, and the services that the files of -idl have, or the server.
func (s *callSettings) connect(ctx context.Context) (*remote.Caller, *remote.Description, error) {
	if len(s.idl) == 0 && !s.target.Classic {
		return ask(ctx, s.target)
	}
	d, err := s.describe(ctx)
	if err != nil {
		return nil, nil, err
	}
	caller, err := s.target.Dial()
	if err != nil {
		return nil, nil, usageError{err}
	}
	return caller, d, nil
}

// describe returns the services that the files of -idl have, or the server, which is asked over a session whatever the
// form of the call.
func (s *callSettings) describe(ctx context.Context) (*remote.Description, error) {
	if len(s.idl) > 0 {
		return describeFiles(s.root, s.idl)
	}
	session := s.target
	session.Classic = false
	caller, d, err := ask(ctx, session)
	if err != nil {
		return nil, err
	}
	caller.Close()
	return d, nil
}

// params returns the parameters that the command line gives.
func (s *callSettings) params(m *idl.Method, args []string) ([]byte, error) {
	text := []byte("{}")
	if len(args) > 0 {
		text = []byte(args[0])
	}
	var err error
	switch file, isFile := bytes.CutPrefix(text, []byte("@")); {
	case isFile:
		if text, err = os.ReadFile(string(file)); err != nil {
			return nil, usagef("parameters: %w", err)
		}
	case string(text) == "-" && m.ParamStream != nil:
		return nil, usagef("the standard input is for the stream %s: give the parameters as JSON or @FILE", m.ParamStream.Name)
	case string(text) == "-":
		text, err = io.ReadAll(s.stdin)
	}
	if err != nil {
		return nil, err
	}
	if _, err := dynamic.AppendFields(nil, m.Params, text); err != nil {
		return nil, usagef("parameters of %s: %w", remote.FullMethod(m), err)
	}
	return text, nil
}

// call makes the call and prints what comes.
func (s *callSettings) call(ctx context.Context, caller *remote.Caller, m *remote.Method, params []byte) error {
	var reply map[string]string
	ctx = runtime.WithReplyMetadata(ctx, &reply)
	var results []byte
	var err error
	if m.Unary() {
		results, err = m.Call(ctx, caller, params)
	} else {
		s.prompt(m)
		results, err = m.Stream(ctx, caller, params, s.lines(), s.print)
	}
	if s.verbose {
		for _, name := range slices.Sorted(maps.Keys(reply)) {
			fmt.Fprintf(s.stderr, "%s\n", printable(name+"="+reply[name]))
		}
	}
	if err != nil {
		return explain(err)
	}
	if results == nil { // they were a stream
		return nil
	}
	return s.print(results)
}

// prompt tells somebody who types what is waited for.
func (s *callSettings) prompt(m *remote.Method) {
	if in, ok := s.stdin.(*os.File); ok && m.ParamStream != nil && term.IsTerminal(int(in.Fd())) {
		fmt.Fprintf(s.stderr, "type %s as JSON, a %s a line, then the end of the input (ctrl-D)\n", m.ParamStream.Name, m.ParamStream.Type)
	}
}

// print prints a line.
func (s *callSettings) print(json []byte) error {
	_, err := s.stdout.Write(append(json, '\n'))
	return err
}

// lines returns a function that reads the next line of the standard input that is not blank.
func (s *callSettings) lines() func() ([]byte, error) {
	const longest = 64 << 20
	scanner := bufio.NewScanner(s.stdin)
	scanner.Buffer(nil, longest)
	return func() ([]byte, error) {
		for scanner.Scan() {
			if line := bytes.TrimSpace(scanner.Bytes()); len(line) > 0 {
				return line, nil
			}
		}
		if err := scanner.Err(); err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return nil, io.EOF
	}
}

// explain returns err with the fields of a declared error below its text.
func explain(err error) error {
	var declared *remote.DeclaredError
	if !errors.As(err, &declared) {
		return err
	}
	return fmt.Errorf("%w\n    %s, %s: %s", err, declared.ErrorName(), declared.Code(), declared.Fields)
}
