// Package dropped drops errors.
package dropped

import (
	"context"

	"example.test/chat/room"
)

func dropped(ctx context.Context, client *room.RoomClient, post room.HTTPPost) {
	client.Say(ctx, "hello")                       // want `the error of Room.Say is dropped: handle it, or assign it to _ if the call may fail`
	go client.Say(ctx, "hello")                    // want `the error of Room.Say is dropped`
	defer client.Say(ctx, "hello")                 // want `the error of Room.Say is dropped`
	role, _ := client.Find(ctx, "alice")           // want `the error of Room.Find is dropped: without it nobody knows whether the other results are any`
	var token, _ = client.Join(ctx, role.String()) // want `the error of Room.Join is dropped: without it`
	for event := range client.Watch(ctx, 0) {      // want `the errors of Room.Watch are dropped: range over the error too`
		_ = event
	}
	for _, _ = range client.Watch(ctx, uint64(len(token))) { // want `the errors of Room.Watch are dropped`
	}
	post.Tell(ctx, "alice", "hello")                  // want `the error of HttpPost.Tell is dropped`
	room.TellRPC("127.0.0.1:4321", "alice", "hello")  // want `the error of HttpPost.Tell is dropped`
	letters, _ := room.CheckRPC("127.0.0.1:4321", "") // want `the error of HttpPost.Check is dropped: without it`
	_ = letters
}

func kept(ctx context.Context, client *room.RoomClient) error {
	_ = client.Say(ctx, "somebody may hear it")
	defer func() { _ = client.Say(ctx, "bye") }()
	_, _ = client.Join(ctx, "alice")
	if err := client.Say(ctx, "hello"); err != nil {
		return err
	}
	_, err := client.Find(ctx, "alice")
	for _, err := range client.Watch(ctx, 0) {
		if err != nil {
			return err
		}
	}
	room.NewRoomClient(nil) // not a call of a method
	return err
}

// own is no client.
type own struct{}

func (own) Say(context.Context, string) error { return nil }

func implementation(ctx context.Context, o own) { o.Say(ctx, "hello") }
