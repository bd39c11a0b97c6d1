package talk

import (
	"fmt"
	"strings"
)

// A Usage says how a command is typed. A command that is typed in two ways has two.
type Usage struct {
	Name string   // without #
	Args []string // in words, that also say what each is, see Kind
	Does string
	free bool   // its one argument follows after a blank, and may be missing if it is in brackets
	of   string // what its number is of
}

// Commands are in the order in which #commands prints them.
var Commands = []Usage{
	{Name: "message", Args: []string{UserArg, "text"}, Does: "Private Message"},
	{Name: "share", Args: []string{UserArg, PathArg}, Does: "Private File"},
	{Name: "share", Args: []string{PathArg}, Does: "Public File"},
	{Name: "available files", Does: "Available Files"},
	{Name: "get", Args: []string{FileArg}, Does: "Get File"},
	{Name: "commands", Does: "Commands"},
	{Name: "users", Does: "Who Is Here"},
	{Name: "history", Args: []string{"[n]"}, Does: "Last Messages", free: true},
	{Name: "search", Args: []string{"words"}, Does: "Find Messages", free: true},
	{Name: "accept", Args: []string{"[n]"}, Does: "Take Offer", free: true, of: OfferArg},
	{Name: "decline", Args: []string{"[n]"}, Does: "Decline Offer", free: true, of: OfferArg},
	{Name: "cancel", Args: []string{"[n]"}, Does: "Cancel Transfer", free: true, of: TransferArg},
	{Name: "remove", Args: []string{FileArg}, Does: "Remove File"},
	{Name: "quit", Does: "Leave"},
}

// Kinds of arguments that can be completed.
const (
	UserArg     = "user"     // who is here, of Room.Users
	FileArg     = "filename" // a public file, of Room.Files
	PathArg     = "/path"    // a file of the person's own
	OfferArg    = "offer"    // the number of one of Room.Offers
	TransferArg = "transfer" // the number of one of Room.Transfers that has not ended
)

// Kind says what the argument i is: one of the above, or, if it cannot be completed, nothing.
func (u Usage) Kind(i int) string {
	switch arg := u.Args[i]; arg {
	case UserArg, FileArg, PathArg:
		return arg
	}
	return u.of
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

// List returns what #commands prints.
func List() []string {
	lines := []string{"<----- JustChat Commands ----->"}
	for _, usage := range Commands {
		lines = append(lines, fmt.Sprintf("%-15s ==> %s", usage.Does, usage))
	}
	return append(lines, "<----->")
}
