// Package background makes contexts.
package background

import (
	"context"
	"net/http"
	"time"

	"example.test/chat/room"
)

func given(ctx context.Context, client *room.RoomClient) error {
	if err := client.Say(context.Background(), "hello"); err != nil { // want `context.Background\(\) leaves the deadline, the cancellation and the metadata of ctx behind: pass ctx on, or context.WithoutCancel\(ctx\) to work that outlives it`
		return err
	}
	short, cancel := context.WithTimeout(context.TODO(), time.Second) // want `context.TODO\(\) leaves the deadline`
	defer cancel()
	go func() {
		_ = client.Say(context.Background(), "bye") // want `context.Background\(\) leaves`
	}()
	return client.Say(short, "hello")
}

func inner(client *room.RoomClient) (func(context.Context) error, context.Context) {
	return func(inner context.Context) error {
		return client.Say(context.Background(), "hello") // want `the metadata of inner behind`
	}, context.Background()
}

func nilContext(ctx context.Context, client *room.RoomClient) error {
	if ctx == nil {
		ctx = context.Background()
	}
	other := context.Background() // want `context.Background\(\) leaves`
	_ = other
	return client.Say(ctx, "hello")
}

func outlives(ctx context.Context, client *room.RoomClient) error {
	<-ctx.Done()
	return client.Say(context.WithoutCancel(ctx), "bye")
}

func local(client *room.RoomClient, r *http.Request) error {
	first := client.Say(context.Background(), "hello")
	ctx := r.Context()
	if err := client.Say(context.Background(), "hello"); err != nil { // want `the metadata of ctx behind`
		return err
	}
	go func() {
		_ = client.Say(context.TODO(), "bye") // want `context.TODO\(\) leaves .* of ctx behind`
	}()
	context.AfterFunc(ctx, func() { shutdown(context.Background()) }) // ctx is over then
	return first
}

func shutdown(context.Context) {}

func noneInReach(_ context.Context, client *room.RoomClient, _ *http.Request) error {
	return client.Say(context.Background(), "hello")
}
