// Package throws calls methods that declare errors.
package throws

import (
	"context"
	"errors"
	"io"
	"log"

	"example.test/chat/room"
	"example.test/chat/room/member"
	"github.com/parley-rpc/parley/runtime"
)

var errOffline = errors.New("offline")

func onlyNil(ctx context.Context, client *room.RoomClient) error {
	if _, err := client.Join(ctx, "alice"); err != nil { // want `Room.Join throws \*room.NameTaken, \*room.Full, and nothing here looks for them: use errors.AsType, or pass err on`
		return errOffline
	}
	_, err := client.Find(ctx, "alice") // want `Room.Find throws \*member.NotFound, and nothing here looks for it: use errors.AsType, or pass err on`
	if nil == err || err == io.EOF || errors.Is(err, context.Canceled) {
		return nil
	}
	return errOffline
}

func oneOfTwo(ctx context.Context, service room.Room) bool {
	_, err := service.Join(ctx, "alice") // want `Room.Join throws \*room.Full, and`
	if _, taken := errors.AsType[*room.NameTaken](err); taken {
		return false
	}
	return err == nil
}

func both(ctx context.Context, service room.Room) string {
	_, err := service.Join(ctx, "alice")
	var taken *room.NameTaken
	switch {
	case errors.As(err, &taken):
		return taken.Name
	case errors.Is(err, &room.Full{}):
		return "full"
	case err != nil:
		return "else"
	}
	return ""
}

func typeSwitches(ctx context.Context, service room.Room) string {
	_, err := service.Join(ctx, "alice")
	switch err.(type) {
	case *room.NameTaken, *room.Full:
		return "no"
	}
	_, err2 := service.Join(ctx, "alice") // want `throws \*room.Full, and nothing here looks for it: use errors.AsType, or pass err2 on`
	switch err2 := err2.(type) {
	case *room.NameTaken:
		return err2.Name
	}
	_, err3 := service.Join(ctx, "alice")
	switch err3 := err3.(type) {
	case *room.NameTaken:
		return err3.Name
	default:
		return err3.Error()
	}
}

func byCode(ctx context.Context, service room.Room) bool {
	_, err := service.Find(ctx, "alice")
	answer, ok := errors.AsType[*runtime.Error](err)
	_, err2 := service.Find(ctx, "alice")
	_, declared := errors.AsType[runtime.DeclaredError](err2)
	_, err3 := service.Find(ctx, "alice")
	_, missing := err3.(*member.NotFound)
	return ok && answer.Code() == runtime.CodeNotFound || declared || missing
}

func passedOn(ctx context.Context, service room.Room, errs chan error) (err error) {
	_, err1 := service.Find(ctx, "alice")
	if err1 != nil {
		log.Print(err1)
	}
	_, err2 := service.Find(ctx, "bob")
	errs <- err2
	if _, err = service.Find(ctx, "carol"); err != nil { // the result that a bare return returns
		return
	}
	var kept struct{ err error }
	_, kept.err = service.Find(ctx, "dora")
	var err4 error
	defer func() { log.Print(err4) }()
	_, err4 = service.Find(ctx, "eve")
	_, err = service.Find(ctx, "frank")
	return err
}

func streams(ctx context.Context, service room.Room) int {
	n := 0
	for _, err := range service.Watch(ctx, 0) { // want `Room.Watch throws \*room.Full, and`
		if err != nil {
			break
		}
		n++
	}
	for _, err := range service.Watch(ctx, 0) {
		if _, full := errors.AsType[*room.Full](err); full {
			break
		}
	}
	for range service.Watch(ctx, 0) { // want `the errors of Room.Watch are dropped`
	}
	return n
}

func closure(ctx context.Context, service room.Room) func() bool {
	return func() bool {
		_, err := service.Find(ctx, "alice") // want `Room.Find throws`
		return err == nil
	}
}

// own is no client: its errors are its own.
type own struct{ room.Room }

func (own) Find(context.Context, string) (member.Role, error) { return 0, nil }

func implementation(ctx context.Context, o own) bool {
	_, err := o.Find(ctx, "alice")
	_, err2 := o.Room.Find(ctx, "alice") // want `Room.Find throws`
	return err == nil && err2 == nil
}

func throwsNothing(ctx context.Context, service room.Room) bool {
	err := service.Say(ctx, "hello")
	return err == nil
}
