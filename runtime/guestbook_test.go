package runtime_test

import (
	"context"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// What follows is shaped as parley generates it from guestbookIDL.
const guestbookIDL = `-- example/guestbook.parley --
package example

@classic
service Guestbook = 0 {
	0: Sign(name, text string) (number uint16)
	1: List() (entries []string)
	2: Clear()
	@timeout(20ms)
	3: Search(text string) (entries []string)
}
`

var guestbookPackage = &runtime.Package{Path: "example", IDL: guestbookIDL}

// Guestbook is the service of the tests and examples.
type Guestbook interface {
	Sign(ctx context.Context, name, text string) (number uint16, err error)
	List(ctx context.Context) (entries []string, err error)
	Clear(ctx context.Context) error
	Search(ctx context.Context, text string) (entries []string, err error)
}

var guestbookMethods = struct{ Sign, List, Clear, Search runtime.Method }{
	Sign: runtime.Method{Service: "example.Guestbook", Name: "Sign", Type: 0x0000, Classic: true,
		Zero: func(out []byte) []byte { return codec.WriteUint16(out, 0) }},
	List: runtime.Method{Service: "example.Guestbook", Name: "List", Type: 0x0001, Classic: true,
		Zero: func(out []byte) []byte { return codec.WriteStringSlice(out, nil) }},
	Clear: runtime.Method{Service: "example.Guestbook", Name: "Clear", Type: 0x0002, Classic: true},
	Search: runtime.Method{Service: "example.Guestbook", Name: "Search", Type: 0x0003, Classic: true, Timeout: 20 * time.Millisecond,
		Zero: func(out []byte) []byte { return codec.WriteStringSlice(out, nil) }},
}

type GuestbookClient struct{ caller runtime.Caller }

func NewGuestbookClient(caller runtime.Caller) *GuestbookClient { return &GuestbookClient{caller} }

var _ Guestbook = (*GuestbookClient)(nil)

func (c *GuestbookClient) Sign(ctx context.Context, name, text string) (number uint16, err error) {
	call := runtime.NewCall(&guestbookMethods.Sign)
	defer call.Release()
	call.Out = codec.WriteString(call.Out, name)
	call.Out = codec.WriteString(call.Out, text)
	if err := c.caller.Call(ctx, call); err != nil {
		return 0, err
	}
	number = call.In.Uint16("number")
	return number, call.Decoded()
}

func (c *GuestbookClient) List(ctx context.Context) (entries []string, err error) {
	call := runtime.NewCall(&guestbookMethods.List)
	defer call.Release()
	if err := c.caller.Call(ctx, call); err != nil {
		return nil, err
	}
	entries = call.In.StringSlice("entries")
	return entries, call.Decoded()
}

func (c *GuestbookClient) Clear(ctx context.Context) error {
	call := runtime.NewCall(&guestbookMethods.Clear)
	defer call.Release()
	if err := c.caller.Call(ctx, call); err != nil {
		return err
	}
	return call.Decoded()
}

func (c *GuestbookClient) Search(ctx context.Context, text string) (entries []string, err error) {
	call := runtime.NewCall(&guestbookMethods.Search)
	defer call.Release()
	call.Out = codec.WriteString(call.Out, text)
	if err := c.caller.Call(ctx, call); err != nil {
		return nil, err
	}
	entries = call.In.StringSlice("entries")
	return entries, call.Decoded()
}

func RegisterGuestbook(registrar runtime.Registrar, service Guestbook) {
	stubs := guestbookStubs{service}
	registrar.Register(runtime.Service{
		Name:    "example.Guestbook",
		Number:  0,
		Package: guestbookPackage,
		Handlers: []runtime.Handler{
			{Method: &guestbookMethods.Sign, Handle: stubs.Sign},
			{Method: &guestbookMethods.List, Handle: stubs.List},
			{Method: &guestbookMethods.Clear, Handle: stubs.Clear},
			{Method: &guestbookMethods.Search, Handle: stubs.Search},
		},
	})
}

type guestbookStubs struct{ service Guestbook }

func (s guestbookStubs) Sign(ctx context.Context, call *runtime.Call) error {
	name := call.In.String("name")
	text := call.In.String("text")
	if err := call.Decoded(); err != nil {
		return err
	}
	number, err := s.service.Sign(ctx, name, text)
	if err != nil {
		return err
	}
	call.Out = codec.WriteUint16(call.Out, number)
	return nil
}

func (s guestbookStubs) List(ctx context.Context, call *runtime.Call) error {
	if err := call.Decoded(); err != nil {
		return err
	}
	entries, err := s.service.List(ctx)
	if err != nil {
		return err
	}
	call.Out = codec.WriteStringSlice(call.Out, entries)
	return nil
}

func (s guestbookStubs) Clear(ctx context.Context, call *runtime.Call) error {
	if err := call.Decoded(); err != nil {
		return err
	}
	return s.service.Clear(ctx)
}

func (s guestbookStubs) Search(ctx context.Context, call *runtime.Call) error {
	text := call.In.String("text")
	if err := call.Decoded(); err != nil {
		return err
	}
	entries, err := s.service.Search(ctx, text)
	if err != nil {
		return err
	}
	call.Out = codec.WriteStringSlice(call.Out, entries)
	return nil
}

// SignServerStub answers one request of Guestbook.Sign.
func SignServerStub(ctx context.Context, service Guestbook, request []byte) []byte {
	return runtime.ClassicReply(ctx, runtime.Handler{Method: &guestbookMethods.Sign, Handle: guestbookStubs{service}.Sign}, request)
}

// Book is a Guestbook out of functions. Those that are nil are not to be called.
type Book struct {
	sign   func(ctx context.Context, name, text string) (uint16, error)
	list   func(ctx context.Context) ([]string, error)
	clear  func(ctx context.Context) error
	search func(ctx context.Context, text string) ([]string, error)
}

func (b Book) Sign(ctx context.Context, name, text string) (uint16, error) {
	return b.sign(ctx, name, text)
}
func (b Book) List(ctx context.Context) ([]string, error) { return b.list(ctx) }
func (b Book) Clear(ctx context.Context) error            { return b.clear(ctx) }
func (b Book) Search(ctx context.Context, text string) ([]string, error) {
	return b.search(ctx, text)
}
