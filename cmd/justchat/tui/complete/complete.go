// Package complete finishes what is typed into the text box when Tab is pressed. It knows the commands of package talk, and what
// their arguments are about; it draws nothing, asks nobody, and reads nothing but folders.
//
//	#message #To  ──Next──►  #message #Tony #  ──Next──►  #message #tom #  ──Next──►  #message #To
//	              ◄─Previous─                  ◄─Previous─                 ◄─Previous─
//
// Nothing here is for more than one goroutine at once.
package complete

import (
	"slices"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// Known is what there is to choose from. What it holds stays the caller's, and is not changed.
type Known struct {
	Users     []string          // the most recent first, see People
	Files     []string          // the names of the public files
	Offers    []client.Offer    // which can be accepted, or declined
	Transfers []client.Transfer // of which those that have not ended can be cancelled
}

// A Completer finishes what is being typed: commands, their arguments, and names of users within a text, that of who
// is spoken to at its beginning with a colon. The first match takes the place of what was typed, the next one that of the first,
// and after the last what was typed is back. Where there is but one match, the next thing is finished instead.
// One serves one text box, and is used again for each Tab, since it remembers what it has put there.
type Completer struct {
	Commands []talk.Usage // that there are; it is not changed

	matches []string // what the text before the cursor may be; the last is what was typed
	at      int      // the one that stands there
	after   string   // the text behind the cursor
}

// Next returns a line, and the cursor in it, with the next match before the cursor; where there is none, as it was. The cursor
// is in bytes. Next reads a folder where a path is typed, whose names are printable.
func (c *Completer) Next(line string, cursor int, known Known) (string, int) {
	return c.turn(line, cursor, known, 1)
}

// Previous is Next in the other direction.
func (c *Completer) Previous(line string, cursor int, known Known) (string, int) {
	return c.turn(line, cursor, known, -1)
}

func (c *Completer) turn(line string, cursor int, known Known, step int) (string, int) {
	cursor = min(max(cursor, 0), len(line))
	before, after := line[:cursor], line[cursor:]
	alone := len(c.matches) == 2 && c.at == 0 // the other one is what was typed
	if !c.stands(before, after) || alone && step > 0 {
		c.find(before, after, known)
	}
	c.at = (c.at + step + len(c.matches)) % len(c.matches)
	before = c.matches[c.at]
	return before + after, len(before)
}

// stands reports whether the line is as the last turn has left it.
func (c *Completer) stands(before, after string) bool {
	return len(c.matches) > 0 && c.matches[c.at] == before && c.after == after
}

// find looks for matches anew.
func (c *Completer) find(before, after string, known Known) {
	var found []match
	blank := len(before) - len(strings.TrimLeft(before, blanks))
	typed, isCommand := strings.CutPrefix(before[blank:], "#")
	if isCommand && !strings.HasPrefix(typed, "#") {
		found = c.command(typed, known)
		blank += len("#")
	} else {
		found = mention(before, known.Users)
		blank = 0
	}
	c.matches, c.after = nil, after
	for _, m := range found {
		if text := before[:blank] + m.before(after); text != before && !slices.Contains(c.matches, text) {
			c.matches = append(c.matches, text)
		}
	}
	c.matches = append(c.matches, before)
	c.at = len(c.matches) - 1
}

const blanks = " \t\n"

// A match is what may stand instead of what was typed, and what is to follow.
type match struct{ text, end string }

// before returns the match without that of its end which stands behind the cursor already.
func (m match) before(after string) string {
	for i := range m.end {
		if strings.HasPrefix(after, m.end[i:]) {
			return m.text + m.end[:i]
		}
	}
	return m.text + m.end
}

// mention returns users who may be meant at the end of a text.
func mention(text string, users []string) (found []match) {
	if text == "" {
		return nil
	}
	for _, user := range starting(users, text) {
		found = append(found, match{user, ": "})
	}
	word := text[strings.LastIndexAny(text, blanks)+1:]
	if len(found) > 0 || word == "" {
		return found
	}
	for _, user := range starting(users, word) {
		found = append(found, match{strings.TrimSuffix(text, word) + user, " "})
	}
	return found
}

// command returns matches of a command without its #.
func (c *Completer) command(typed string, known Known) (found []match) {
	for _, usage := range c.Commands {
		if rest, ok := strings.CutPrefix(typed, usage.Name); ok && rest != "" && strings.Contains(blanks, rest[:1]) {
			found = append(found, argument(usage, rest, known)...)
			continue
		}
		for _, name := range starting([]string{usage.Name}, typed) {
			found = append(found, match{name, opening(usage)})
		}
	}
	return found
}

// opening returns what stands between the name of a command and its first argument.
func opening(usage talk.Usage) string {
	if len(usage.Args) == 0 {
		return ""
	}
	rest := strings.TrimPrefix(usage.String(), "#"+usage.Name)
	return rest[:max(strings.Index(rest, usage.Args[0]), 0)]
}

// argument returns matches of a command, of whose arguments rest is typed: the last of them is finished.
func argument(usage talk.Usage, rest string, known Known) (found []match) {
	if len(usage.Args) == 0 {
		return nil
	}
	if opening(usage) == " " {
		arg := strings.TrimPrefix(strings.TrimLeft(rest, blanks), "#")
		return values(usage, 0, usage.Name+strings.TrimSuffix(rest, arg), arg, known)
	}
	parts := strings.SplitN(rest, " #", len(usage.Args)+1)
	if len(parts) == 1 && strings.Trim(rest, blanks) == "" {
		return []match{{usage.Name, opening(usage)}}
	}
	if !isMeant(usage, parts) {
		return nil
	}
	arg := strings.TrimLeft(parts[len(parts)-1], blanks)
	return values(usage, len(parts)-2, usage.Name+strings.TrimSuffix(rest, arg), arg, known)
}

// isMeant reports whether a line can be this usage of a command, by what is typed before the last argument. A path is no user's
// name.
func isMeant(usage talk.Usage, parts []string) bool {
	last := len(parts) - 1
	for i, arg := range parts[:last] {
		arg = strings.Trim(arg, blanks)
		if i == 0 && arg != "" {
			return false // before the first #
		}
		if _, err := names.Check(arg); i > 0 && usage.Kind(i-1) == talk.UserArg && err != nil {
			return false
		}
	}
	return last > 0
}

// values returns what the i-th argument may be, of which arg is typed, each behind head.
func values(usage talk.Usage, i int, head, arg string, known Known) (found []match) {
	var all []string
	switch usage.Kind(i) {
	case talk.UserArg:
		all = starting(known.Users, arg)
	case talk.FileArg:
		all = starting(known.Files, arg)
	case talk.PathArg:
		all = paths(arg)
	case talk.OfferArg:
		all = starting(offerNumbers(known.Offers), arg)
	case talk.TransferArg:
		all = starting(transferNumbers(known.Transfers), arg)
	}
	end := ""
	if i < len(usage.Args)-1 {
		end = " #"
	}
	for _, value := range all {
		found = append(found, match{head + value, end})
	}
	return found
}

func offerNumbers(offers []client.Offer) (all []string) {
	for _, o := range offers {
		all = append(all, strconv.FormatUint(o.ID, 10))
	}
	return all
}

// transferNumbers returns those of transfers that can be cancelled.
func transferNumbers(transfers []client.Transfer) (all []string) {
	for _, t := range transfers {
		if !t.State.Ended() {
			all = append(all, strconv.FormatUint(t.ID, 10))
		}
	}
	return all
}

// starting returns those that begin with what was typed, in small letters or capitals.
func starting(all []string, typed string) (found []string) {
	typed = strings.ToLower(typed)
	for _, s := range all {
		if strings.HasPrefix(strings.ToLower(s), typed) {
			found = append(found, s)
		}
	}
	return found
}
