package main

import (
	"context"
	_ "embed"
	"iter"
	"strings"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

//go:embed testdata/lab/lab.parley
var labIDL string

// registerLab registers the services of lab.parley, by hand: what generated code would do.
func registerLab(server *runtime.Server) {
	lab := &runtime.Package{Path: "lab", IDL: "-- lab/lab.parley --\n" + labIDL}
	server.Register(runtime.Service{Name: "lab.Greeter", Number: 1, Package: lab, Handlers: []runtime.Handler{
		{Method: &runtime.Method{Service: "lab.Greeter", Name: "Greet", Type: 0x100, Classic: true, Zero: zeroString}, Handle: greet},
	}})
	service := runtime.Service{Name: "lab.Lab", Number: 2, Package: lab}
	for i, handle := range []func(context.Context, *runtime.Call) error{mirror, spill, count, sum, shout, waitForEnd, checkToken} {
		method := &runtime.Method{Service: "lab.Lab", Name: "Number" + string(rune('0'+i)), Type: 0x200 + uint16(i)}
		service.Handlers = append(service.Handlers, runtime.Handler{Method: method, Handle: handle})
	}
	server.Register(service)
}

func zeroString(out []byte) []byte { return codec.WriteString(out, "") }

func greet(_ context.Context, call *runtime.Call) error {
	name := call.In.String("name")
	if err := call.Decoded(); err != nil {
		return err
	}
	if name == "" {
		return runtime.NewError(runtime.CodeInvalidArgument, "nobody to greet \x1b[31m")
	}
	call.Out = codec.WriteString(call.Out, "hello, "+name)
	return nil
}

func mirror(_ context.Context, call *runtime.Call) error {
	call.Out = append(call.Out, call.In.Rest()...)
	return nil
}

func spill(_ context.Context, call *runtime.Call) error { return &spilt{call.In.String("what")} }

func count(_ context.Context, call *runtime.Call) error {
	to := call.In.Uint32("to")
	return runtime.ReplyStream(call, codec.WriteUint32, func(yield func(uint32, error) bool) {
		for n := range to {
			if !yield(n+1, nil) {
				return
			}
		}
	})
}

// sum stops at a negative number, with an error.
func sum(_ context.Context, call *runtime.Call) error {
	var sum int64
	for n, err := range runtime.ParamStream(call, (*codec.Decoder).Int64) {
		if err != nil {
			return err
		}
		if sum += n; n < 0 {
			return runtime.NewError(runtime.CodeOutOfRange, "a negative number")
		}
	}
	call.Out = codec.WriteInt64(call.Out, sum)
	return nil
}

func shout(_ context.Context, call *runtime.Call) error {
	mark := call.In.String("mark")
	return runtime.ReplyStream(call, codec.WriteString, louder(runtime.ParamStream(call, (*codec.Decoder).String), mark))
}

func louder(lines iter.Seq2[string, error], mark string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range lines {
			if !yield(strings.ToUpper(line)+mark, err) {
				return
			}
		}
	}
}

func waitForEnd(ctx context.Context, _ *runtime.Call) error {
	<-ctx.Done()
	return ctx.Err()
}

func checkToken(ctx context.Context, call *runtime.Call) error {
	call.Out = codec.WriteString(call.Out, runtime.MetadataFrom(ctx)["token"])
	return runtime.AddReplyMetadata(ctx, "next", "later")
}

// spilt is lab.Spilt.
type spilt struct{ what string }

func (e *spilt) Error() string      { return e.what + " is on the floor" }
func (e *spilt) Code() runtime.Code { return runtime.CodeResourceExhausted }
func (e *spilt) ErrorName() string  { return "lab.Spilt" }

func (e *spilt) AppendBinary(buf []byte) ([]byte, error) {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteUint64(codec.WriteString(buf, e.what), 1<<60)
	return codec.EndLength(buf, start), nil
}

func (e *spilt) UnmarshalBinary([]byte) error { return nil }
