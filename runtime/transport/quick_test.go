package transport_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parley-rpc/parley/runtime/transport"
)

// Methods of quick tests, beside methodEcho.
const (
	quickBlock = 20 // blocks, once told to, until released
	quickExit  = 21 // exits its goroutine, once told to
	quickClose = 22 // closes its session, once told to
	quickBack  = 23 // calls methodEcho of its caller, once told to
)

// proven returns sessions whose methods all have proven quick, and what tells them not to be.
func proven(t *testing.T) (client *transport.Session, told *atomic.Bool, release chan struct{}) {
	t.Helper()
	told, release = new(atomic.Bool), make(chan struct{})
	var server *transport.Session
	handler := func(in *transport.Incoming) {
		if !told.Load() || in.Method < quickBlock {
			in.Results = append(in.Results, in.Params...)
			return
		}
		switch in.Method {
		case quickBlock:
			<-release
		case quickExit:
			runtime.Goexit()
		case quickClose:
			server.Close()
		case quickBack:
			in.MayWait()
			in.Session().Call(t.Context(), &transport.Request{Method: methodEcho}, new(transport.Response))
		}
	}
	here, there := connect(t)
	ready := make(chan struct{})
	client = transport.Dialled(here, &transport.SessionConfig{Handler: testHandler})
	server = transport.Accepted(there, nil, &transport.SessionConfig{Handler: func(in *transport.Incoming) {
		<-ready
		handler(in)
	}})
	close(ready)
	t.Cleanup(func() { client.Close(); server.Close() })
	for range 200 {
		for _, method := range []uint16{methodEcho, quickBlock, quickExit, quickClose, quickBack} {
			if _, err := call(client, method, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	told.Store(true)
	return client, told, release
}

// TestQuickBlocks wants other calls to be answered while a handler blocks that never did before.
func TestQuickBlocks(t *testing.T) {
	client, _, release := proven(t)
	blocked := make(chan error)
	for range 3 {
		go func() {
			_, err := call(client, quickBlock, "")
			blocked <- err
		}()
	}
	for range 100 {
		if got, err := call(client, methodEcho, "x"); err != nil || got != "x" {
			t.Fatalf("got %q, %v, want an answer", got, err)
		}
	}
	close(release)
	for range 3 {
		if err := <-blocked; err != nil {
			t.Error(err)
		}
	}
}

// TestQuickCrowd makes more calls at once than have their answers written together. One of them blocks.
func TestQuickCrowd(t *testing.T) {
	client, _, release := proven(t)
	blocked := make(chan error)
	var others sync.WaitGroup
	for i := range 300 {
		if i == 150 {
			go func() {
				_, err := call(client, quickBlock, "")
				blocked <- err
			}()
		}
		others.Go(func() {
			if got, err := call(client, methodEcho, "x"); err != nil || got != "x" {
				t.Errorf("got %q, %v, want an answer", got, err)
			}
		})
	}
	others.Wait()
	close(release)
	if err := <-blocked; err != nil {
		t.Error(err)
	}
}

func TestQuickExits(t *testing.T) {
	client, _, _ := proven(t)
	for range 3 {
		var answer *transport.CallError
		if _, err := call(client, quickExit, ""); !errors.As(err, &answer) || answer.Code != 13 {
			t.Errorf("got %v, want code 13", err)
		}
		if got, err := call(client, methodEcho, "x"); err != nil || got != "x" {
			t.Errorf("got %q, %v, want an answer", got, err)
		}
	}
}

func TestQuickCloses(t *testing.T) {
	client, _, _ := proven(t)
	var line *transport.LineError
	if _, err := call(client, quickClose, ""); !errors.As(err, &line) {
		t.Errorf("got %v, want a LineError", err)
	}
}

func TestQuickCallsBack(t *testing.T) {
	client, _, _ := proven(t)
	for range 3 {
		if _, err := call(client, quickBack, ""); err != nil {
			t.Error(err)
		}
	}
}

// TestQuickLargeAnswers answers with more than fits in the buffer at once.
func TestQuickLargeAnswers(t *testing.T) {
	client, _, _ := proven(t)
	answers := make(chan int)
	large := string(make([]byte, 60_000))
	for range 20 {
		go func() {
			got, err := call(client, methodEcho, large)
			if err != nil {
				t.Error(err)
			}
			answers <- len(got)
		}()
	}
	for range 20 {
		if got := <-answers; got != len(large) {
			t.Errorf("got %d bytes, want %d", got, len(large))
		}
	}
}
