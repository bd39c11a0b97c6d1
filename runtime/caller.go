package runtime

import "context"

// A Caller carries calls to a peer. It may be used by any number of goroutines at once.
type Caller interface {
	// Call sends the parameters in call.Out and waits for the answer. When it returns
	// nil, call.In stands at the results; whether they can be decoded, and whether the
	// peer of the classic form answered with an error in their place, only call.Decoded tells.
	// An error is an [*Error], and names the call unless the peer answered with it.
	Call(ctx context.Context, call *Call) error

	// Open sends the parameters in call.Out and returns once the call is under way,
	// with the streams of its method. The call ends when ctx does. Interceptors do not run
	// in it, see [WithInterceptors].
	Open(ctx context.Context, call *Call) (Stream, error)
}

// A Stream is the items of one call, in both directions: at the caller what
// [Caller.Open] returned, at the callee what its [Call] carries. Users meet streams as
// iterators; the functions of this package between the two ([ReceiveStream],
// [SendStream], [ExchangeStreams], [ReplyStream], [ParamStream]) are for generated code.
//
// Send and CloseSend belong to one goroutine, Receive and Reply to another; Cancel may
// be called by both and at any time. Once Cancel has returned, the others return an
// error at once, and touch nothing of the call.
type Stream interface {
	// Send sends an item, and waits while the receiver has no room for more. The item
	// may be used again when Send returns. It returns io.EOF if the peer takes no
	// more, because it has answered or has asked to stop: the call itself may go on, and
	// its answer tells. After any other error the item was not sent.
	Send(item []byte) error

	// CloseSend says that no item follows. It returns what Send would.
	CloseSend() error

	// Receive waits for the next item, which is valid until the next Receive. It
	// returns io.EOF after the last, and at the caller the call's error, if it failed.
	Receive() ([]byte, error)

	// Reply, at the caller, waits for the answer and puts it into call as
	// [Caller.Call] does. The items not yet received are dropped.
	Reply(call *Call) error

	// Cancel, at the caller, gives the call up for the reason err; the peer sees it as
	// canceled with err's text. It returns when the resources of the call are free. At
	// the callee it asks the caller to send no more items; the call goes on.
	// After the end it does nothing.
	Cancel(err error)
}
