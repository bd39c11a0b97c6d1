package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// A Method makes calls of a method whose values come and go as JSON, see package dynamic.
type Method struct {
	*idl.Method
	wire runtime.Method
}

// NewMethod returns the method for calls. Every error that schema declares is known when it comes. A timeout
// that is not 0 takes the place of the method's own.
func NewMethod(m *idl.Method, schema *idl.Schema, timeout time.Duration) *Method {
	wire := runtime.Method{
		Service:    m.Service.FullName(),
		Name:       m.Name,
		Type:       m.WireType(),
		Classic:    m.Service.Classic,
		Idempotent: m.Idempotent,
		Timeout:    m.Timeout,
		Throws:     errorTypes(schema),
		Zero:       func(out []byte) []byte { return dynamic.AppendZero(out, m.Results) },
	}
	if timeout != 0 {
		wire.Timeout = timeout
	}
	return &Method{m, wire}
}

// Call makes a call of a method without streams and returns its results. Its errors are about params, or a
// [*runtime.Error].
func (m *Method) Call(ctx context.Context, caller runtime.Caller, params []byte) (results []byte, err error) {
	call, err := m.newCall(params)
	if err != nil {
		return nil, err
	}
	defer call.Release()
	if err := caller.Call(ctx, call); err != nil {
		return nil, err
	}
	return m.results(call)
}

func (m *Method) newCall(params []byte) (*runtime.Call, error) {
	call := runtime.NewCall(&m.wire)
	var err error
	if call.Out, err = dynamic.AppendFields(call.Out, m.Params, params); err != nil {
		call.Release()
		return nil, err
	}
	return call, nil
}

func (m *Method) results(call *runtime.Call) ([]byte, error) {
	results, err := dynamic.ReadFields(&call.In, m.Results)
	if err := call.Decoded(); err != nil { // says more than err, or what the peer answered in place of results
		return nil, err
	}
	return results, err
}

// errLeft is why a call is cancelled that is not read to its end.
var errLeft = errors.New("the caller stopped reading")

// Stream makes a call of a method with streams. It sends what next returns until that is [io.EOF]; any other error of
// next cancels the call and is returned as it is. Each item that comes it hands to yield, whose error cancels the call,
// too. The results are nil if they are a stream.
//
// next is asked only if a parameter is a stream. It runs on a goroutine of its own, for which Stream does not wait:
// it may wait for somebody to type.
func (m *Method) Stream(ctx context.Context, caller runtime.Caller, params []byte, next func() ([]byte, error), yield func([]byte) error) ([]byte, error) {
	call, err := m.newCall(params)
	if err != nil {
		return nil, err
	}
	defer call.Release()
	stream, err := caller.Open(ctx, call)
	if err != nil {
		return nil, err
	}
	defer stream.Cancel(errLeft)
	var sending failure
	if m.ParamStream != nil {
		go func() { // ends when next returns after the stream has ended, or with the program
			if err := m.send(stream, next); err != nil {
				sending.set(err)
				stream.Cancel(err)
			}
		}()
	}
	if m.ResultStream != nil {
		return nil, sending.or(m.receive(stream, yield))
	}
	if err := stream.Reply(call); err != nil {
		return nil, sending.or(err)
	}
	return m.results(call)
}

// send sends what next returns. It returns nil when the peer takes no more: its answer says why.
func (m *Method) send(stream runtime.Stream, next func() ([]byte, error)) error {
	for n := 1; ; n++ {
		text, err := next()
		if err == io.EOF {
			stream.CloseSend() // an error of the stream is that of its answer
			return nil
		}
		if err != nil {
			return err
		}
		item, err := dynamic.Append(nil, m.ParamStream.Type, text)
		if err != nil {
			return fmt.Errorf("item %d of %s: %w", n, m.ParamStream.Name, err)
		}
		if stream.Send(item) != nil {
			return nil
		}
	}
}

func (m *Method) receive(stream runtime.Stream, yield func([]byte) error) error {
	var d codec.Decoder
	for n := 1; ; n++ {
		data, err := stream.Receive()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		d.Reset(data, true)
		item, err := dynamic.Read(&d, "item", m.ResultStream.Type)
		if err != nil {
			return fmt.Errorf("item %d of %s: %w", n, m.ResultStream.Name, err)
		}
		if err := yield(item); err != nil {
			return err
		}
	}
}

// A failure is the error of one goroutine for another to ask for.
type failure struct {
	mu  sync.Mutex
	err error
}

func (f *failure) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// or returns the failure, which other, if it is an error, came of; or else other.
func (f *failure) or(other error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if other != nil && f.err != nil {
		return f.err
	}
	return other
}
