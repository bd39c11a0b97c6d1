package main

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "completion bash|zsh|fish",
		Short:     "print a script that completes parley's commands in a shell",
		Long:      "Completion prints the script with which a shell completes parley's commands, flags and packages.",
		Example:   "  source <(parley completion bash)",
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(c *cobra.Command, args []string) error {
			switch root, stdout := c.Root(), c.OutOrStdout(); strings.Join(args, " ") {
			case "bash":
				return root.GenBashCompletionV2(stdout, true)
			case "zsh":
				return root.GenZshCompletion(stdout)
			case "fish":
				return root.GenFishCompletion(stdout, true)
			}
			return usagef("name one shell: bash, zsh or fish")
		},
	}
}

// completePackages returns the packages in and below the folder that was typed up to its last slash.
func completePackages(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	folder, _ := path.Split(filepath.ToSlash(typed))
	if typed == "" {
		folder = "./"
	}
	packages, err := expand([]string{folder + "..."})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	completions := []string{folder + "..."}
	for _, pkg := range packages {
		name := filepath.ToSlash(pkg)
		if strings.HasPrefix(folder, "./") && name != "." {
			name = "./" + name
		}
		completions = append(completions, name)
	}
	return completions, cobra.ShellCompDirectiveNoFileComp
}
