package main

import (
	"bytes"
	"context"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print a script that completes parley's commands in a shell",
		Long: `Completion prints the script with which a shell completes parley's commands, flags and packages, and the services
and methods of a server.`,
		Example:   "  source <(parley completion bash)",
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(c *cobra.Command, args []string) error {
			switch root, stdout := c.Root(), c.OutOrStdout(); strings.Join(args, " ") {
			case "bash":
				return bashScript(root, stdout)
			case "zsh": // these two bring what they need
				return root.GenZshCompletion(stdout)
			case "fish":
				return root.GenFishCompletion(stdout, true)
			}
			return usagef("name one shell: bash, zsh or fish")
		},
	}
}

// bashAlone puts into cobra's script what it takes from the package bash-completion, which is not everywhere: the words
// of the line, which go on at = and :, and folders.
var bashAlone = strings.NewReplacer(
	`_get_comp_words_by_ref "$@" cur prev words cword`, `local line=${COMP_LINE:0:COMP_POINT}
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    cword=$((${#words[@]} - 1)) cur=${words[cword]} prev=${words[cword - 1]}`,
	"_filedir -d\n", "COMPREPLY=($(compgen -d -- \"$cur\"))\n",
)

func bashScript(root *cobra.Command, w io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	_, err := bashAlone.WriteString(w, script.String())
	return err
}

// isCompletion reports whether a shell asks how the last of args goes on.
func isCompletion(args []string) bool {
	return len(args) > 1 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// complete answers a shell. Cobra would write flags with two dashes always, and what is said of them with the marks around
// their values.
func complete(ctx context.Context, root *cobra.Command, args []string, stdout io.Writer) error {
	typed := args[len(args)-1]
	args = doubleDashes(args)
	if len(typed) == 2 && typed[0] == '-' && typed != "--" { // may become a flag of several letters
		args[len(args)-1] = "-" + typed
	}
	var answer bytes.Buffer
	root.SetArgs(args)
	root.SetOut(&answer)
	err := root.ExecuteContext(ctx)
	for line := range strings.Lines(answer.String()) {
		if strings.HasPrefix(line, "-") {
			line = strings.ReplaceAll(line, "`", "")
		}
		if rest, long := strings.CutPrefix(line, "--"); long && !strings.HasPrefix(typed, "--") {
			line = "-" + rest
		}
		if _, err := io.WriteString(stdout, line); err != nil {
			return err
		}
	}
	return err
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
