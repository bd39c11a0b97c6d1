package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "print the version of this program",
		Long:    "Version prints the version of this program, and of the Go that built it.",
		Example: "  parley version",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), version())
			return err
		},
	}
}

// version returns what the go command knew about the program when it built it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "parley, of an unknown version"
	}
	return fmt.Sprintf("parley %s %s", cmp.Or(info.Main.Version, "(devel)"), info.GoVersion)
}

// noArguments refuses arguments.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%q is one argument too many", args[0])
	}
	return nil
}
