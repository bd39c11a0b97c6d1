package main

import (
	"io"

	"github.com/parley-rpc/parley/gen/dissector"
	"github.com/parley-rpc/parley/gen/wire"
	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	var root string
	var wireshark bool
	c := &cobra.Command{
		Use:   "explain COMMAND, or explain -wireshark [-root DIR] [PACKAGES]",
		Short: "explain what travels between programs",
		Long: `Explain says what travels between programs that speak a contract. With -wireshark it prints a dissector in Lua, with
which Wireshark and tshark show the calls of a capture by name; the server's port is the preference parley.port.`,
		Example: `  parley explain wire Greeter.Greet ./examples/greeter
  parley explain -wireshark ./... >greeter.lua`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completePackages,
		RunE: func(c *cobra.Command, args []string) error {
			if !wireshark {
				return noCommand(c, args)
			}
			return writeDissector(c.OutOrStdout(), root, args)
		},
	}
	rootFlag(c, &root)
	c.Flags().BoolVar(&wireshark, "wireshark", false, "print a dissector for PACKAGES")
	c.AddCommand(explainWireCommand())
	return c
}

// writeDissector writes the dissector for the packages that patterns stand for.
func writeDissector(w io.Writer, root string, patterns []string) error {
	schema, err := loader{root: root}.loadOne(patterns)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, dissector.Lua(schema))
	return err
}

// An explanation is one run of parley explain wire.
type explanation struct {
	root   string // as it was named, "" if it was not
	stdout io.Writer
}

func explainWireCommand() *cobra.Command {
	var e explanation
	c := &cobra.Command{
		Use:   "wire [-root DIR] [NAMES] [PACKAGES]",
		Short: "draw how calls look as bytes",
		Long: `Wire draws how calls look as bytes: request and response of each method, in each form that it has, the types in them,
and what one has to know besides to write a peer. NAMES are services and methods: Room, Room.Join, room.Room.Join;
without any it is all of PACKAGES. PACKAGES are folders and patterns such as ./...; without any it is the current folder.`,
		Example: `  parley explain wire Greeter.Greet ./...
  parley explain wire ./examples/greeter`,
		ValidArgsFunction: completeMethods,
		RunE: func(c *cobra.Command, args []string) error {
			e.stdout = c.OutOrStdout()
			return e.run(args)
		},
	}
	rootFlag(c, &e.root)
	return c
}

// run writes the page about the methods that args name.
func (e *explanation) run(args []string) error {
	names, patterns := splitNames(args)
	schema, err := loader{root: e.root}.loadOne(patterns)
	if err != nil {
		return err
	}
	methods, err := selectMethods(schema, names)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.stdout, wire.Explain(methods))
	return err
}
