package talk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A Room is what commands need of a client. A *client.Client is one.
type Room interface {
	Send(ctx context.Context, text string) (number uint64, err error)
	SendPrivate(ctx context.Context, to, text string) (number uint64, err error)
	History(ctx context.Context, before *justchat.Record, count int) ([]*client.Message, error)
	Search(ctx context.Context, words []string, count int) ([]*client.Message, error)
	Users(ctx context.Context) ([]string, error)
	Files(ctx context.Context) ([]justchat.File, error)
	Share(ctx context.Context, path string) (id uint64, err error)
	SharePrivate(ctx context.Context, to, path string) (id uint64, err error)
	Get(ctx context.Context, name string) (id uint64, err error)
	Remove(ctx context.Context, name string) error
	Accept(id uint64) error
	Decline(id uint64) error
	Cancel(id uint64) error
	Offers() []client.Offer
	Transfers() []client.Transfer
}

// A Client is what a screen needs of a *client.Client: a Room that one comes into and leaves.
type Client interface {
	Room
	Run(ctx context.Context) error
	Close() error
	Flush(ctx context.Context) []client.Unacknowledged
	Settle(ctx context.Context) []client.Transfer
}

// Obey does what a command says, and returns lines to be shown to who typed it. «quit» is the caller's to obey. What is
// said to all or to one is queued when it returns; what becomes of that, and of files, the client's events tell.
// It takes as long as the room needs to answer.
func Obey(ctx context.Context, room Room, command Command) (lines []string, err error) {
	args := command.Args
	switch command.Name {
	case "":
		if args[0] != "" {
			_, err = room.Send(ctx, args[0])
		}
	case "message":
		_, err = room.SendPrivate(ctx, args[0], args[1])
	case "share":
		if len(args) == 2 {
			_, err = room.SharePrivate(ctx, args[0], Path(args[1]))
		} else {
			_, err = room.Share(ctx, Path(args[0]))
		}
	case "get":
		_, err = room.Get(ctx, typedName(args[0]))
	case "remove":
		return remove(ctx, room, typedName(args[0]))
	case "accept", "decline", "cancel":
		return answer(room, command.Name, args[0])
	case "commands":
		lines = List()
	case "users":
		return users(ctx, room)
	case "available files":
		return files(ctx, room)
	case "history":
		return history(ctx, room, args[0])
	case "search":
		return search(ctx, room, strings.Fields(args[0]))
	}
	return lines, err
}

func remove(ctx context.Context, room Room, name string) ([]string, error) {
	if err := room.Remove(ctx, name); err != nil {
		return nil, err
	}
	return []string{"-- " + FileName(name) + " is no public file any more"}, nil
}

// typedName is the name of a file that may be typed as it was shown, in quotes. None has a quote in it.
func typedName(name string) string {
	if plain, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		return plain
	}
	return name
}

// answer obeys #accept, #decline and #cancel.
func answer(room Room, name, arg string) ([]string, error) {
	id, err := number(name, arg)
	if err != nil {
		return nil, err
	}
	switch name {
	case "accept":
		return nil, room.Accept(id)
	case "decline":
		return decline(room, id)
	}
	if id == 0 {
		err = onlyOne(room)
	}
	if err == nil {
		err = room.Cancel(id)
	}
	return nil, err
}

// number reads the number of an offer or a transfer; without one it is 0.
func number(command, arg string) (uint64, error) {
	if arg == "" {
		return 0, nil
	}
	id, err := strconv.ParseUint(arg, 10, 64)
	if err != nil || id == 0 {
		return 0, fmt.Errorf("#%s takes a number that was shown, as in #%s 1, not %q", command, command, arg)
	}
	return id, nil
}

// decline says which offer it was, since no event will.
func decline(room Room, id uint64) (lines []string, err error) {
	for _, o := range room.Offers() {
		if id == 0 {
			id = o.ID // the oldest
		}
		if o.ID == id {
			lines = []string{"-- you have declined " + FileName(o.Name) + " from " + Name(o.From)}
		}
	}
	if err := room.Decline(id); err != nil {
		return nil, err
	}
	return lines, nil
}

// onlyOne says which transfers could be meant, if more than one could.
func onlyOne(room Room) error {
	var which []string
	for _, t := range room.Transfers() {
		if !t.State.Ended() {
			which = append(which, fmt.Sprintf("#cancel %d is %s", t.ID, what(&t)))
		}
	}
	if len(which) < 2 {
		return nil
	}
	return fmt.Errorf("say which one: %s", strings.Join(which, ", "))
}

func users(ctx context.Context, room Room) ([]string, error) {
	users, err := room.Users(ctx)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("-- here are %d:", len(users))}
	for _, user := range users {
		lines = append(lines, Name(user))
	}
	return lines, nil
}

func files(ctx context.Context, room Room) ([]string, error) {
	files, err := room.Files(ctx)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("-- files: %d", len(files))}
	for _, f := range files {
		lines = append(lines, fmt.Sprintf("%s (%s, by %s, %s)", FileName(f.Name), Size(int64(f.Size)), Name(f.Owner), copies(len(f.Holders))))
	}
	return lines, nil
}

// copies says how many servers hold a file, of those that answer.
func copies(n int) string {
	switch n {
	case 0:
		return "no copy at the moment"
	case 1:
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}

// usualHistory is how many messages #history shows.
const usualHistory = 20

func history(ctx context.Context, room Room, arg string) ([]string, error) {
	n, err := historyCount(arg)
	if err != nil {
		return nil, err
	}
	messages, err := room.History(ctx, nil, n)
	if err != nil {
		return nil, err
	}
	return page("-- the last messages:", messages), nil
}

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

func search(ctx context.Context, room Room, words []string) ([]string, error) {
	messages, err := room.Search(ctx, words, usualHistory)
	if err != nil {
		return nil, err
	}
	return page(fmt.Sprintf("-- found: %d", len(messages)), messages), nil
}

// page returns messages as lines, under a heading.
func page(heading string, messages []*client.Message) []string {
	lines := []string{heading}
	for _, m := range messages {
		lines = append(lines, Line(m))
	}
	return lines
}
