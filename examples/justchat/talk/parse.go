package talk

import (
	"fmt"
	"strings"
)

// A Command is a line that was typed.
type Command struct {
	Name string   // one of Commands, without #; empty for a text to all
	Args []string // as the Usage of the command has them; of a text to all it alone
}

const blanks = " \t"

// Parse reads a line. Line ends are not part of it, whether LF or CR LF. What begins with # is a command, also after
// blanks, so that a slip does not make a private message public; what begins with ## is a text
// that begins with #. Arguments are split at « #» as often as the command has places. The error says what to
// type instead.
//
// After #share stands a path alone, or a user and a path. It is a path alone if there is one part, or if
// the first one can be no name but a path: it has a / or \ in it, or begins with ~ or a dot. All that follows
// then belongs to it.
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
	var instead []string
	for _, usage := range Commands {
		rest, ok := strings.CutPrefix(typed, usage.Name)
		if !ok || rest != "" && !strings.ContainsAny(rest[:1], blanks) {
			continue
		}
		if args, ok := usage.split(rest); ok {
			return Command{Name: usage.Name, Args: args}, nil
		}
		instead = append(instead, usage.String())
	}
	if instead != nil {
		return Command{}, fmt.Errorf("type it as %s", strings.Join(instead, " or "))
	}
	word, _, _ := strings.Cut(typed, " ")
	return Command{}, fmt.Errorf("there is no command #%s, and nothing was sent; #commands lists them, and ## begins a text with #", word)
}

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
	if u.Name == "share" && !u.isMeant(args[0]) {
		return nil, false
	}
	for i, arg := range args {
		trimmed := strings.Trim(arg, blanks)
		if u.Args[i] != "text" {
			args[i] = trimmed
		}
		if trimmed == "" {
			return nil, false
		}
	}
	return args, true
}

// isMeant reports whether a #share with that as its first argument is the one to a user, or the one to all.
func (u Usage) isMeant(arg string) bool {
	first, _, more := strings.Cut(arg, " #")
	path := isPath(strings.Trim(first, blanks))
	if u.Args[0] == UserArg {
		return !path && !strings.Contains(first, "#")
	}
	return path || !more
}

// isPath reports whether what stands first after #share is no user's name.
func isPath(arg string) bool {
	return strings.ContainsAny(arg, `/\`) || strings.HasPrefix(arg, "~") || strings.HasPrefix(arg, ".")
}
