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
	var bytes bytesSettings
	c := &cobra.Command{
		Use:   "explain COMMAND, or explain -hex BYTES | -pcap FILE | -wireshark [FLAGS] [PACKAGES]",
		Short: "explain what travels between programs",
		Long: `Explain says what travels between programs that speak a contract.
With -hex it shows bytes field by field: offset, bytes, field, value. They are frames of the session form, a request of
the classic form, with -response and -method a response, with -type a single value. Blanks, 0x, and the offsets
and characters that hexdump -C and xxd print do not matter. With -pcap it shows the connections of a capture so.
What is wrong with the bytes is said with its field and offset, and the exit status is 1.
With -wireshark it prints a dissector in Lua, with which Wireshark and tshark show the calls of a capture by name; the
server's port is the preference parley.port.`,
		Example: `  parley explain wire Greeter.Greet ./examples/greeter
  parley explain -hex '000a 0100 0006 676f70686572' ./examples/greeter
  printf '0009 0005 68656c6c6f 0000' | parley explain -hex - -method Greeter.Greet -response ./...
  parley explain -pcap calls.pcap ./...
  parley explain -wireshark ./... >greeter.lua`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completePackages,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case bytes.wanted(c) && wireshark:
				return usagef("-wireshark is about no bytes: leave it out, or -hex and -pcap")
			case bytes.wanted(c):
				bytes.root, bytes.stdin, bytes.stdout = root, c.InOrStdin(), c.OutOrStdout()
				return bytes.run(c, args)
			case wireshark:
				return writeDissector(c.OutOrStdout(), root, args)
			}
			return noCommand(c, args)
		},
	}
	rootFlag(c, &root)
	bytes.flags(c)
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
