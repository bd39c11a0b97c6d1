package runtime

import (
	"context"
	"time"
)

// A Package describes an IDL package.
type Package struct {
	Path    string     // from the schema root: "justchat/room"
	IDL     string     // its canonical text, a txtar archive of its files
	Imports []*Package // what the text refers to
}

// A Method describes one method of a service. It must not change once it is used.
//
// Where it is Borrowed, what arrives as bytes in parameters and in items of streams, at any
// depth, lies in the memory of the session: that of the parameters until the handler has
// returned and the stream that it returns has ended, that of an item until the loop over its
// stream goes on or is left. It must be neither changed nor kept; whoever keeps it clones it
// ([bytes.Clone]). Strings are the receiver's own in any case, as are the results of a call
// without a stream. Each side goes by its own description; nothing of it is on the wire.
type Method struct {
	Service    string        // full name of its service: "justchat/room.Room"
	Name       string        // "Join"
	Type       uint16        // on the wire: number of the service in the high byte, of the method in the low one
	Classic    bool          // of a @classic service: every parameter and result must be there
	Idempotent bool          // may be tried again after a broken line
	Borrowed   bool          // bytes of parameters and items are lent to who receives them
	Timeout    time.Duration // @timeout: how long a call takes at most; 0 leaves it to caller and server
	Throws     []ErrorType   // the declared errors that a caller should expect

	// Zero appends the method's results with nothing in them, which is what stands
	// before an error's text in the classic form. Nil for a method without results.
	Zero func(out []byte) []byte
}

// String returns the method's full name: "rpcchat.Chat.List".
func (m *Method) String() string { return m.Service + "." + m.Name }

// zero appends the results that stand before an error's text.
func (m *Method) zero(out []byte) []byte {
	if m.Zero == nil {
		return out
	}
	return m.Zero(out)
}

// A Handler is the server stub of one method. Handle reads the parameters from
// call.In, checks them with call.Decoded, and appends the results to call.Out; or it
// returns an error, and what it wrote is dropped. The call is not to be used after
// Handle has returned. Handle runs for many calls at once.
type Handler struct {
	Method *Method
	Handle func(ctx context.Context, call *Call) error
}

// A Service is what a generated RegisterX hands to a Registrar.
type Service struct {
	Name     string // full name: "justchat/room.Room"
	Number   uint8  // the high byte of its methods' types; 255 is the runtime's own
	Package  *Package
	Handlers []Handler
}

// A Registrar takes services to answer calls for. [Server] is one, [Client] another.
type Registrar interface {
	// Register panics, naming both, if there is a service of this number already.
	Register(Service)
}
