package client

import (
	"context"
	"fmt"
	"strings"
)

const blanks = " \t"

// usages are the commands in the order in which help lists them.
var usages = []struct{ word, operands, does string }{
	{"tell", " <user> <message>", "send a message to one user"},
	{"say", " <message>", "send a message to everyone"},
	{"list", "", "show who is logged in"},
	{"quit", "", "log out and leave"},
	{"help", "", "show these commands"},
	{"shutdown", "", "stop the server, for everyone, and leave"},
}

// command is one line that was typed. A message is kept as it was typed from
// one blank after the word before it, so «say  hi » says " hi ".
type command struct{ word, target, message string }

// parse reads a line. It returns false if words are missing, or too many.
func parse(line string) (cmd command, complete bool) {
	var rest string
	cmd.word, rest = nextWord(line)
	switch cmd.word {
	case "tell":
		cmd.target, cmd.message = nextWord(rest)
		return cmd, !blank(cmd.message)
	case "say":
		cmd.message = rest
		return cmd, !blank(cmd.message)
	}
	return cmd, blank(rest)
}

// nextWord returns the first word of text, and what follows the one blank after it.
func nextWord(text string) (word, rest string) {
	text = strings.TrimLeft(text, blanks)
	end := strings.IndexAny(text, blanks)
	if end < 0 {
		return text, ""
	}
	return text[:end], text[end+1:]
}

func blank(text string) bool { return strings.Trim(text, blanks) == "" }

// obey does what line says, and returns whether the user has left with it.
// What goes wrong is shown, unless the user has left: then it is returned.
func (c *Client) obey(ctx context.Context, line string) (left bool, err error) {
	cmd, complete := parse(line)
	usage := usageOf(cmd.word)
	switch {
	case cmd.word == "":
	case usage == "":
		c.print(fmt.Sprintf("There is no command %q.", cmd.word))
		c.help()
	case !complete:
		c.print("Usage: " + usage)
	case cmd.word == "quit":
		return true, c.quit(ctx)
	case cmd.word == "shutdown":
		return c.shutdown(ctx)
	default:
		if err := c.call(ctx, cmd); err != nil {
			c.print(cmd.word + ": " + err.Error())
		}
	}
	return false, nil
}

// usageOf returns "" for a word that is no command.
func usageOf(word string) string {
	for _, usage := range usages {
		if usage.word == word {
			return usage.word + usage.operands
		}
	}
	return ""
}

// call does the commands after which the user stays.
func (c *Client) call(ctx context.Context, cmd command) error {
	if cmd.word == "help" {
		c.help()
		return nil
	}
	if err := c.source.check(); err != nil {
		return err
	}
	switch cmd.word {
	case "tell":
		return c.Chat.Tell(ctx, c.User, cmd.target, cmd.message)
	case "say":
		return c.Chat.Say(ctx, c.User, cmd.message)
	default:
		return c.list(ctx)
	}
}

func (c *Client) list(ctx context.Context) error {
	users, err := c.Chat.List(ctx)
	if err != nil {
		return err
	}
	lines := []string{fmt.Sprintf("Logged in (%d):", len(users))}
	for _, user := range users {
		line := "  " + user
		if user == c.User {
			line += " (you)"
		}
		lines = append(lines, line)
	}
	c.print(lines...)
	return nil
}

func (c *Client) help() {
	lines := []string{"Commands:"}
	for _, usage := range usages {
		lines = append(lines, fmt.Sprintf("  %-24s%s", usage.word+usage.operands, usage.does))
	}
	c.print(lines...)
}

// shutdown shows what is still queued, for it ends with the server, and stops
// the server. If that goes wrong the user stays.
func (c *Client) shutdown(ctx context.Context) (left bool, err error) {
	c.inbox.Stop()
	draining, cancel := context.WithTimeout(ctx, farewell) // others may talk faster than we read
	c.drain(draining)
	cancel()
	if err := c.Chat.Shutdown(ctx); err != nil {
		c.print("shutdown: " + err.Error())
		c.inbox = c.startInbox(ctx)
		return false, nil
	}
	c.console.Close()
	c.sayShutdown()
	return true, nil
}

func (c *Client) sayShutdown() { c.print("The server shuts down. Goodbye, " + c.User + ".") }
