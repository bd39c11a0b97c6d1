package room

import "context"

// room is a server beside the generated code. Its name is the service's but for a capital.
type room struct{ Room }

func (room) Say(context.Context, string) error { return nil }

func (r room) greet(ctx context.Context) {
	r.Say(ctx, "hello")       // its own
	r.Room.Join(ctx, "alice") // want `the error of Room.Join is dropped`
}
