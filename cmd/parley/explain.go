package main

import (
	"context"
	"io"

	"github.com/parley-rpc/parley/gen/dissector"
	"github.com/parley-rpc/parley/gen/wire"
	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
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
				bytes.stdin, bytes.stdout = c.InOrStdin(), c.OutOrStdout()
				return bytes.run(c, args)
			case wireshark:
				return writeDissector(c.Context(), c.OutOrStdout(), &bytes.source, args)
			case len(args) == 0:
				return usagef("say what to explain: wire, -hex BYTES, -pcap FILE or -wireshark")
			}
			return noCommand(c, args)
		},
	}
	bytes.flags(c)
	c.Flags().BoolVar(&wireshark, "wireshark", false, "print a dissector for PACKAGES")
	c.AddCommand(explainWireCommand())
	return c
}

// writeDissector writes the dissector for what the source has.
func writeDissector(ctx context.Context, w io.Writer, s *source, patterns []string) error {
	d, err := s.describe(ctx, patterns)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, dissector.Lua(d.Schema))
	return err
}

// An explanation is one run of parley explain wire.
type explanation struct {
	source source
	stdout io.Writer
}

func explainWireCommand() *cobra.Command {
	var e explanation
	c := &cobra.Command{
		Use:   "wire [FLAGS] [NAMES] [PACKAGES]",
		Short: "draw how calls look as bytes",
		Long: `Wire draws how calls look as bytes: request and response of each method, in each form that it has, the types in them,
and what one has to know besides to write a peer. NAMES are services and methods: Room, Room.Join, room.Room.Join;
without any it is all of PACKAGES. PACKAGES are folders and patterns such as ./...; without any it is the current folder.
With -server a running server says what it has.`,
		Example: `  parley explain wire Greeter.Greet ./...
  parley explain wire ./examples/greeter`,
		ValidArgsFunction: e.source.completeMethods,
		RunE: func(c *cobra.Command, args []string) error {
			e.stdout = c.OutOrStdout()
			return e.run(c.Context(), args)
		},
	}
	e.source.flags(c)
	return c
}

// run writes the page about the methods that args name.
func (e *explanation) run(ctx context.Context, args []string) error {
	names, patterns := splitNames(args)
	d, err := e.source.describe(ctx, patterns)
	if err != nil {
		return err
	}
	methods, err := selectMethods(d, names)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.stdout, wire.Explain(methods))
	return err
}
