package main

import "github.com/spf13/cobra"

func checkCommand() *cobra.Command {
	var root string
	c := &cobra.Command{
		Use:   "check [-root DIR] [PACKAGES]",
		Short: "report what is wrong with packages",
		Long: `Check reports all that is wrong with packages and with what they import, and prints nothing when they are fine.
PACKAGES are folders and patterns such as ./...; without any it is the current folder.`,
		Example:           "  parley check ./...",
		ValidArgsFunction: completePackages,
		RunE: func(_ *cobra.Command, patterns []string) error {
			_, err := loader{root: root}.load(patterns)
			return err
		},
	}
	rootFlag(c, &root)
	return c
}
