// Package streams calls methods that return streams.
package streams

import (
	"context"
	"iter"

	"example.test/chat/room"
)

func never(ctx context.Context, client *room.RoomClient, lines iter.Seq2[string, error]) {
	client.Watch(ctx, 0)      // want `Room.Watch is never called: that takes a range over the stream that it returns`
	_ = client.Watch(ctx, 0)  // want `Room.Watch is never called`
	go client.Watch(ctx, 0)   // want `Room.Watch is never called`
	(client.Talk(ctx, lines)) // want `Room.Talk is never called`

	events := client.Watch(ctx, 0) // want `Room.Watch is never called`
	if events != nil {
		_ = events
	}
	var replies = client.Talk(ctx, lines) // want `Room.Talk is never called`
	_ = replies
}

func ranged(ctx context.Context, service room.Room, lines iter.Seq2[string, error]) iter.Seq2[room.Event, error] {
	for _, err := range service.Watch(ctx, 0) {
		if err != nil {
			panic(err)
		}
	}
	replies := service.Talk(ctx, lines)
	for range replies {
	}
	next, stop := iter.Pull2(service.Watch(ctx, 0))
	defer stop()
	next()
	var kept struct{ events iter.Seq2[room.Event, error] }
	kept.events = service.Watch(ctx, 0)
	chained := service.Talk(ctx, service.Talk(ctx, lines))
	func() {
		for range chained {
		}
	}()
	service.Watch(ctx, 0)(func(room.Event, error) bool { return false })
	return service.Watch(ctx, 0)
}

var global = room.NewRoomClient(nil).Watch(context.Background(), 0)
