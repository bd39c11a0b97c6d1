package runtime_test

import (
	"context"
	"iter"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// What follows is shaped as parley generates it from
//
//	service Parcels = 2 {
//		@borrowed
//		0: Post(data bytes) (back bytes)
//		@borrowed
//		1: Fetch(items uint32) (chunks stream bytes)
//		@borrowed
//		2: Store(chunks stream bytes) (items uint32)
//		3: Own(items uint32) (chunks stream bytes)
//	}

var parcelMethods = struct{ Post, Fetch, Store, Own runtime.Method }{
	Post:  runtime.Method{Service: "example.Parcels", Name: "Post", Type: 0x0200, Borrowed: true},
	Fetch: runtime.Method{Service: "example.Parcels", Name: "Fetch", Type: 0x0201, Borrowed: true},
	Store: runtime.Method{Service: "example.Parcels", Name: "Store", Type: 0x0202, Borrowed: true},
	Own:   runtime.Method{Service: "example.Parcels", Name: "Own", Type: 0x0203},
}

type ParcelsClient struct{ caller runtime.Caller }

func (c ParcelsClient) Post(ctx context.Context, data []byte) (back []byte, err error) {
	call := runtime.NewCall(&parcelMethods.Post)
	defer call.Release()
	call.Out = codec.WriteBytes(call.Out, data)
	if err := c.caller.Call(ctx, call); err != nil {
		return nil, err
	}
	back = call.In.Bytes("back")
	return back, call.Decoded()
}

func (c ParcelsClient) Fetch(ctx context.Context, items uint32) iter.Seq2[[]byte, error] {
	return c.receive(ctx, &parcelMethods.Fetch, items)
}

func (c ParcelsClient) Own(ctx context.Context, items uint32) iter.Seq2[[]byte, error] {
	return c.receive(ctx, &parcelMethods.Own, items)
}

func (c ParcelsClient) receive(ctx context.Context, method *runtime.Method, items uint32) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		call := runtime.NewCall(method)
		defer call.Release()
		call.Out = codec.WriteUint32(call.Out, items)
		runtime.ReceiveStream(ctx, c.caller, call, (*codec.Decoder).Bytes, yield)
	}
}

func (c ParcelsClient) Store(ctx context.Context, chunks iter.Seq2[[]byte, error]) (items uint32, err error) {
	call := runtime.NewCall(&parcelMethods.Store)
	defer call.Release()
	if err := runtime.SendStream(ctx, c.caller, call, codec.WriteBytes, chunks); err != nil {
		return 0, err
	}
	items = call.In.Uint32("items")
	return items, call.Decoded()
}

// Parcels is the service out of functions. Those that are nil are not to be called.
type Parcels struct {
	post  func(ctx context.Context, data []byte) ([]byte, error)
	fetch func(ctx context.Context, items uint32) iter.Seq2[[]byte, error]
	store func(ctx context.Context, chunks iter.Seq2[[]byte, error]) (uint32, error)
}

func RegisterParcels(registrar runtime.Registrar, service Parcels) {
	fetch := func(ctx context.Context, call *runtime.Call) error {
		items := call.In.Uint32("items")
		if err := call.Decoded(); err != nil {
			return err
		}
		return runtime.ReplyStream(call, codec.WriteBytes, service.fetch(ctx, items))
	}
	registrar.Register(runtime.Service{Name: "example.Parcels", Number: 2, Handlers: []runtime.Handler{
		{Method: &parcelMethods.Post, Handle: func(ctx context.Context, call *runtime.Call) error {
			data := call.In.Bytes("data")
			if err := call.Decoded(); err != nil {
				return err
			}
			back, err := service.post(ctx, data)
			call.Out = codec.WriteBytes(call.Out, back)
			return err
		}},
		{Method: &parcelMethods.Fetch, Handle: fetch},
		{Method: &parcelMethods.Own, Handle: fetch},
		{Method: &parcelMethods.Store, Handle: func(ctx context.Context, call *runtime.Call) error {
			items, err := service.store(ctx, runtime.ParamStream(call, (*codec.Decoder).Bytes))
			call.Out = codec.WriteUint32(call.Out, items)
			return err
		}},
	}})
}
