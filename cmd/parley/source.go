package main

import (
	"context"
	"strings"

	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/spf13/cobra"
)

// A source is where a command takes services from: packages, or a server that describes itself.
type source struct {
	root   string        // as it was named, "" if it was not
	target remote.Target // Address is "" for packages
}

// flags adds the flags that name the source.
func (s *source) flags(c *cobra.Command) {
	rootFlag(c, &s.root)
	c.Flags().StringVar(&s.target.Address, "server", "", "take the services from the server at `ADDRESS`, which describes itself, rather than from PACKAGES")
	serverFlags(c, &s.target)
}

// describe returns the services of the server or the packages.
func (s *source) describe(ctx context.Context, patterns []string) (*remote.Description, error) {
	switch {
	case s.target.IsZero():
		schema, err := loader{root: s.root}.loadOne(patterns)
		if err != nil {
			return nil, err
		}
		return remote.Services(schema), nil
	case s.target.Address == "":
		return nil, usagef("the flags about a server need one: name it with -server ADDRESS")
	case len(patterns) > 0:
		return nil, usagef("the server says what it has: leave out -server, or %s", strings.Join(patterns, " "))
	}
	ctx, cancel := withTimeout(ctx, s.target.Timeout)
	defer cancel()
	caller, description, err := ask(ctx, s.target)
	if err != nil {
		return nil, err
	}
	caller.Close()
	return description, nil
}

// completion returns the services for what a shell completes: without packages those of all below the current folder.
func (s *source) completion(ctx context.Context, patterns []string) (*remote.Description, error) {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	if len(patterns) == 0 && s.target.Address == "" {
		patterns = []string{"./..."}
	}
	return s.describe(ctx, patterns)
}
