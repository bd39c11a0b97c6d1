// Command rpcchat is the classic chat in one binary: with a port it serves, with
// a server and a name it logs in there, over a session if -session is said.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/parley-rpc/parley/examples/rpcchat/client"
)

func main() {
	log.SetFlags(log.Ltime)
	ctx, stop := signal.NotifyContext(context.Background(), leaveSignals()...)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	if err := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr); err != nil {
		log.Fatal(client.Printable(err.Error()))
	}
}

// leaveSignals are those on which a client logs out and a server ends. A closed
// window is one of them, but not for a server that was started with nohup.
func leaveSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
