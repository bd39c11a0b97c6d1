// Package ignored says that it knows better.
package ignored

import (
	"context"

	"example.test/chat/room"
)

func ignored(ctx context.Context, client *room.RoomClient) {
	//parley:ignore dropped nobody is there at night
	client.Say(ctx, "good night")
	client.Say(ctx, "good night") //parley:ignore dropped nobody is there at night

	// parley:ignore dropped the space of .parley files is fine here too
	client.Say(ctx, "good night")

	//parley:ignore dropped
	client.Say(ctx, "no reason is none") // want `the error of Room.Say is dropped`

	//parley:ignore streams another analyzer
	client.Say(ctx, "hello") // want `the error of Room.Say is dropped`
}
