package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// A Command is a line that was typed.
type Command struct {
	Name string   // one of Commands, without #; empty for a text to all
	Args []string // as the Usage of the command has them; of a text to all it alone
}

// A Usage says how a command is typed.
type Usage struct {
	Name string // without #
	Args []string
	Does string
	free bool // its one argument follows after a blank, and may be missing if it is in brackets
}

// Commands are in the order in which #commands prints them.
var Commands = []Usage{
	{Name: "message", Args: []string{"user", "text"}, Does: "Private Message"},
	{Name: "available files", Does: "Available Files"},
	{Name: "users", Does: "Who Is Here"},
	{Name: "history", Args: []string{"[n]"}, Does: "Last Messages", free: true},
	{Name: "search", Args: []string{"words"}, Does: "Find Messages", free: true},
	{Name: "commands", Does: "Commands"},
	{Name: "quit", Does: "Leave"},
}

// String returns what is typed, as in «#message #user #text».
func (u Usage) String() string {
	var b strings.Builder
	b.WriteString("#" + u.Name)
	for _, arg := range u.Args {
		if u.free {
			b.WriteString(" " + arg)
		} else {
			b.WriteString(" #" + arg)
		}
	}
	return b.String()
}

// Parse reads a line. Line ends are not part of it, whether LF or CR LF. What begins with # is a command, also after
// blanks, so that a slip does not make a private message public; what begins with ## is a text
// that begins with #. Arguments are split at « #» as often as the command has places. The error says what to
// type instead.
func Parse(line string) (Command, error) {
	line = strings.TrimRight(line, "\r\n")
	typed := strings.TrimLeft(line, blanks)
	if text, ok := strings.CutPrefix(typed, "##"); ok {
		return Command{Args: []string{"#" + text}}, nil
	}
	typed, ok := strings.CutPrefix(typed, "#")
	if !ok {
		return Command{Args: []string{line}}, nil
	}
	for _, usage := range Commands {
		rest, ok := strings.CutPrefix(typed, usage.Name)
		if !ok || rest != "" && !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "\t") {
			continue
		}
		args, ok := usage.split(rest)
		if !ok {
			return Command{}, fmt.Errorf("type it as %s", usage)
		}
		return Command{Name: usage.Name, Args: args}, nil
	}
	word, _, _ := strings.Cut(typed, " ")
	return Command{}, fmt.Errorf("there is no command #%s, and nothing was sent; #commands lists them, and ## begins a text with #", word)
}

const blanks = " \t"

// split returns the arguments in what follows on the command's name.
func (u Usage) split(rest string) (args []string, ok bool) {
	switch {
	case len(u.Args) == 0:
		return nil, strings.Trim(rest, blanks) == ""
	case u.free:
		arg := strings.TrimPrefix(strings.Trim(rest, blanks), "#")
		return []string{arg}, arg != "" || strings.HasPrefix(u.Args[0], "[")
	}
	parts := strings.SplitN(rest, " #", len(u.Args)+1)
	if len(parts) != len(u.Args)+1 || strings.Trim(parts[0], blanks) != "" {
		return nil, false
	}
	args = parts[1:]
	last := len(args) - 1
	for i := range args {
		if i < last {
			args[i] = strings.Trim(args[i], blanks)
		}
		if strings.Trim(args[i], blanks) == "" {
			return nil, false
		}
	}
	return args, true
}

// usualHistory is how many messages #history shows.
const usualHistory = 20

// historyCount reads the argument of #history.
func historyCount(arg string) (int, error) {
	if arg == "" {
		return usualHistory, nil
	}
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > client.MaxHistory {
		return 0, fmt.Errorf("#history shows 1 to %d messages, not %q", client.MaxHistory, arg)
	}
	return n, nil
}

// commandList returns what #commands prints.
func commandList() []string {
	lines := []string{"<----- JustChat Commands ----->"}
	for _, usage := range Commands {
		lines = append(lines, fmt.Sprintf("%-15s ==> %s", usage.Does, usage))
	}
	return append(lines, "<----->")
}
