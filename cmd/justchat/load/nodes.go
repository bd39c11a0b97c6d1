package main

import (
	"context"
	"log/slog"
	"net"
	"os"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/server"
)

// logger has what goes wrong.
var logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))

// startLoadBalancer starts a load balancer, whose registry lives as long as itself.
func startLoadBalancer(_ *settings, o order) (*node, error) {
	cluster, err := identity.NewCluster(identity.Secret{Current: o.Secret})
	if err != nil {
		return nil, err
	}
	listener, udp, err := listen()
	if err != nil {
		return nil, err
	}
	lb, err := loadbalancer.New(loadbalancer.Config{
		Listener: listener, Heartbeats: udp, Cluster: cluster, Registry: registry.NewMemory(),
		Hasher: &identity.Hasher{Cheap: true}, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	return running(listener, lb.Serve, func() { lb.Close() }), nil
}

// startServer starts a server with a log in a folder of its own.
func startServer(s *settings, o order) (*node, error) {
	cluster, err := identity.NewCluster(identity.Secret{Current: o.Secret})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "justchat-load")
	if err != nil {
		return nil, err
	}
	log, err := messagelog.Open(dir, messagelog.Options{Logger: logger})
	if err != nil {
		return nil, err
	}
	listener, udp, err := listen()
	if err != nil {
		return nil, err
	}
	n, err := server.New(server.Config{
		Listener: listener, UDP: udp, LoadBalancers: o.Balancer, Cluster: cluster, Log: log,
		Limits: server.Limits{Rate: 1e6, Burst: 1e6}, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	return running(listener, n.Serve, func() {
		n.Close()
		log.Close()
		os.RemoveAll(dir)
	}), nil
}

// running has a node serve, until stop.
func running(listener net.Listener, serve func(context.Context) error, stop func()) *node {
	served := make(chan struct{})
	go func() { // stop waits
		defer close(served)
		if err := serve(context.Background()); err != nil {
			logger.Error("a node failed", "reason", err)
		}
	}()
	return &node{address: listener.Addr().String(), stop: func() {
		stop()
		<-served
	}}
}

// listen listens for TCP and UDP on one port of the loopback.
func listen() (net.Listener, net.PacketConn, error) {
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		udp, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return listener, udp, nil
		}
		listener.Close() // the port is taken for UDP: another one
	}
}
