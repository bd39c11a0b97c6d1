package runtime_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// dialMeta serves server and returns a client that asks it about itself.
func dialMeta(t *testing.T, server *runtime.Server) *runtime.MetaClient {
	t.Helper()
	return runtime.NewMetaClient(dial(t, serve(t, server)))
}

// wantDescription fails the test if meta describes its peer in another way.
func wantDescription(t *testing.T, meta runtime.Meta, services []string, schema string) {
	t.Helper()
	gotServices, gotSchema, err := meta.Describe(t.Context())
	if !slices.Equal(gotServices, services) || gotSchema != schema || err != nil {
		t.Errorf("got services %q, schema %q, %v, want %q, %q", gotServices, gotSchema, err, services, schema)
	}
}

func TestMetaOfEmptyServer(t *testing.T) {
	meta := dialMeta(t, runtime.NewServer())
	if err := meta.Ping(t.Context()); err != nil {
		t.Errorf("Ping: got %v, want nil", err)
	}
	if err := meta.Health(t.Context()); err != nil {
		t.Errorf("Health: got %v, want nil", err)
	}
	wantDescription(t, meta, nil, "")
}

// TestDescribe has two packages import a third, registers more while it serves, and a
// package that was generated a second time.
func TestDescribe(t *testing.T) {
	const (
		moneyText = "-- shop/money/money.parley --\npackage money\n"
		cartText  = "-- shop/cart/cart.parley --\npackage cart\n"
		tillText  = "-- shop/till/till.parley --\npackage till\n"
	)
	money := &runtime.Package{Path: "shop/money", IDL: moneyText}
	cart := &runtime.Package{Path: "shop/cart", IDL: cartText, Imports: []*runtime.Package{money}}
	till := &runtime.Package{Path: "shop/till", IDL: tillText, Imports: []*runtime.Package{money}}
	cartAgain := *cart

	server := runtime.NewServer()
	meta := dialMeta(t, server)
	server.Register(runtime.Service{Name: "shop/till.Till", Number: 200, Package: till})
	wantDescription(t, meta, []string{"shop/till.Till"}, moneyText+tillText)

	server.Register(runtime.Service{Name: "shop/cart.Gifts", Number: 254, Package: &cartAgain})
	server.Register(runtime.Service{Name: "shop/cart.Cart", Number: 3, Package: cart})
	server.Register(runtime.Service{Name: "by hand", Number: 4})
	wantDescription(t, meta, []string{"shop/cart.Cart", "by hand", "shop/till.Till", "shop/cart.Gifts"}, moneyText+cartText+tillText)
}

// TestMetaNeedsSession asks a server that has only a classic service.
func TestMetaNeedsSession(t *testing.T) {
	address := serveBook(t, Book{})
	wantDescription(t, runtime.NewMetaClient(dial(t, address)), []string{"example.Guestbook"}, guestbookIDL)

	err := runtime.NewMetaClient(runtime.Classic(address)).Ping(t.Context())
	failure{"runtime.Meta.Ping: not a method of the classic form; it needs a session", runtime.CodeUnknown, true, false}.check(t, err)
}

// TestMetaMethodOfTheFuture asks for what a later runtime may know.
func TestMetaMethodOfTheFuture(t *testing.T) {
	call := runtime.NewCall(&runtime.Method{Service: "runtime.Meta", Name: "Predict", Type: 0xff07})
	defer call.Release()
	err := dial(t, serve(t, runtime.NewServer())).Call(t.Context(), call)
	failure{"unimplemented: unknown message type 0xff07: no method 7 of a service 255 here", runtime.CodeUnimplemented, true, false}.check(t, err)
}

func TestHealth(t *testing.T) {
	unavailable := func(text string) failure { return failure{text, runtime.CodeUnavailable, true, false} }
	tests := []struct {
		name string
		err  error
		want failure
	}{
		{"plain", errors.New("the disk is full"), unavailable("unavailable: the disk is full")},
		{"coded", runtime.NewError(runtime.CodeDataLoss, "torn"), unavailable("unavailable: torn")},
		{"declared", &NoPage{7, 3}, unavailable("unavailable: there is no page 7 of 3")},
		{"late", context.DeadlineExceeded, unavailable("unavailable: context deadline exceeded")},
		{"empty", errors.New(""), unavailable("unavailable")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			meta := dialMeta(t, runtime.NewServer(runtime.WithHealth(func(context.Context) error { return test.err })))
			test.want.check(t, meta.Health(t.Context()))
		})
	}
	for name, check := range map[string]func(context.Context) error{"no check": nil, "well": func(context.Context) error { return nil }} {
		if err := dialMeta(t, runtime.NewServer(runtime.WithHealth(check))).Health(t.Context()); err != nil {
			t.Errorf("%s: got %v, want nil", name, err)
		}
	}
}

func TestHealthPanic(t *testing.T) {
	var log runtimetest.Log
	meta := dialMeta(t, runtime.NewServer(logTo(&log), runtime.WithHealth(func(context.Context) error { panic("the secret") })))
	failure{"internal: runtime.Meta.Health: the handler panicked", runtime.CodeInternal, true, false}.check(t, meta.Health(t.Context()))
	log.Want(t, "level=ERROR", "the secret", "meta_test.go")
}

// TestHealthContext has the check look at the metadata and the peer of the call.
func TestHealthContext(t *testing.T) {
	meta := dialMeta(t, runtime.NewServer(runtime.WithHealth(func(ctx context.Context) error {
		if _, ok := runtime.PeerFrom(ctx); !ok {
			t.Error("the check has no peer")
		}
		return errors.New(runtime.MetadataFrom(ctx)["token"])
	})))
	err := meta.Health(runtime.WithMetadata(t.Context(), map[string]string{"token": "secret"}))
	failure{"unavailable: secret", runtime.CodeUnavailable, true, false}.check(t, err)
}

// TestHealthWhileStopping has a server be shut down while its check runs. That a stream
// ends is the sign.
func TestHealthWhileStopping(t *testing.T) {
	asked, stopping := make(chan bool), make(chan bool)
	server := runtime.NewServer(runtime.WithHealth(func(context.Context) error {
		close(asked)
		<-stopping
		return nil
	}))
	RegisterDiary(server, Diary{follow: func(ctx context.Context, _ uint16) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			yield("page", nil)
			<-ctx.Done()
			close(stopping)
		}
	}})
	client := dial(t, serve(t, server))
	health, shut := make(chan error, 1), make(chan error, 1)
	for range NewDiaryClient(client).Follow(t.Context(), 1) {
		go func() { health <- runtime.NewMetaClient(client).Health(t.Context()) }()
		<-asked
		go func() { shut <- server.Shutdown(t.Context()) }()
	}
	failure{"unavailable: the server is shutting down", runtime.CodeUnavailable, true, false}.check(t, <-health)
	if err := <-shut; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// TestMetaOfClient has a server ask a client that has registered nothing.
func TestMetaOfClient(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
		caller, _ := runtime.CallerFrom(ctx)
		meta := runtime.NewMetaClient(caller)
		wantDescription(t, meta, nil, "")
		if err := meta.Ping(ctx); err != nil {
			t.Errorf("Ping: got %v, want nil", err)
		}
		return 0, meta.Health(ctx)
	}})
	client := dial(t, serve(t, server), runtime.WithHealth(func(context.Context) error { return errors.New("on battery") }))
	_, err := NewDiaryClient(client).Write(t.Context(), "dear diary")
	failure{"unavailable: on battery", runtime.CodeUnavailable, true, false}.check(t, err)
}
