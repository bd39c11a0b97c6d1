package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/parley-rpc/parley/cmd/parley/lsp"
)

func lspCommand() *cobra.Command {
	var root string
	c := &cobra.Command{
		Use:   "lsp [-root DIR]",
		Short: "serve an editor that speaks the Language Server Protocol",
		Long: `Lsp serves an editor over standard input and output, in the Language Server Protocol: it shows mistakes as one types, and as
warnings what parley lint finds; it completes, formats, renames, and finds what a name means and where it is used. An editor
starts it by itself; the README in cmd/parley/editor has what VS Code, Vim, Neovim and Helix need for that.`,
		Example: "  parley lsp </dev/null",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if root != "" {
				if _, err := rootOf(root, "."); err != nil {
					return err
				}
			}
			if stdin, ok := c.InOrStdin().(*os.File); ok && term.IsTerminal(int(stdin.Fd())) {
				fmt.Fprintln(c.ErrOrStderr(), "parley lsp: waiting for an editor on standard input; press Control-D to leave")
			}
			return lsp.Serve(c.Context(), stdio{c.InOrStdin(), c.OutOrStdout()}, lsp.Options{
				Root:    func(folder string) (string, error) { return rootOf(root, folder) },
				Skip:    skipped,
				Runtime: runtimeBelow,
				Version: version(),
				Log:     c.ErrOrStderr(),
			})
		},
	}
	rootFlag(c, &root)
	return c
}

// stdio is the standard input and output as one stream. Its reader may wait for input when it is closed: that ends with
// the program.
type stdio struct {
	io.Reader
	io.Writer
}

func (stdio) Close() error { return nil }
