// Load measures one server of the chat room under many clients: a load balancer, a
// server and the clients, each in a process of its own (the clients in several), over
// TLS on the loopback.
//
//	go run ./cmd/justchat/load -clients 10000 -processes 2
//
// It prints what a client costs the server in memory, how many deliveries there are in
// a second, how long they take from Send to the receiver's Events, and the processor time of
// each side. With fast disks and idle cores around it, the clients are what is slow: they share
// the machine's processors with the server.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// settings are the same in all processes.
type settings struct {
	Clients   int           // in all
	Processes int           // that they are in
	Rate      float64       // messages a second, of all clients together; 0 for none
	For       time.Duration // that the load lasts
	Bytes     int           // of a message
	Profile   string        // folder for profiles of the server and the first clients, or empty
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	var s settings
	var role string
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	flags.IntVar(&s.Clients, "clients", 10_000, "`number` of clients")
	flags.IntVar(&s.Processes, "processes", 2, "`number` of processes that the clients are in")
	flags.Float64Var(&s.Rate, "rate", 2, "`messages` a second, of all clients together")
	flags.DurationVar(&s.For, "for", 20*time.Second, "`time` that the messages go on for")
	flags.IntVar(&s.Bytes, "bytes", 100, "`bytes` of a message's text")
	flags.StringVar(&s.Profile, "profile", "", "`folder` to write profiles of the server and of clients to")
	flags.StringVar(&role, "role", "", "what this process is; for load itself")
	flags.Parse(args)
	switch role {
	case "":
		return measure(&s, stdout)
	case "loadbalancer":
		return serve(startLoadBalancer, &s, stdin, stdout)
	case "server":
		return serve(startServer, &s, stdin, stdout)
	case "clients":
		return serve(startClients, &s, stdin, stdout)
	}
	return fmt.Errorf("there is no role %q", role)
}
