package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	"github.com/parley-rpc/parley/examples/justchat/server"
)

// A metric is one number of a node's Stats, as Prometheus names it.
type metric[T any] struct {
	name, help string
	kind       prometheus.ValueType
	value      func(T) float64
}

const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
)

// A collector asks a node for its stats when it is asked itself.
type collector[T any] struct {
	metrics []metric[T]
	stats   func() T
}

func (c collector[T]) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c collector[T]) Collect(ch chan<- prometheus.Metric) {
	stats := c.stats()
	for _, m := range c.metrics {
		ch <- prometheus.MustNewConstMetric(prometheus.NewDesc("justchat_"+m.name, m.help, nil, nil), m.kind, m.value(stats))
	}
}

// serverMetrics are those of a server.
func serverMetrics(stats func() server.Stats) prometheus.Collector {
	type S = server.Stats
	return collector[S]{stats: stats, metrics: []metric[S]{
		{"clients", "Clients that are connected.", gauge, func(s S) float64 { return float64(s.Clients) }},
		{"servers", "Other servers that answer.", gauge, func(s S) float64 { return float64(s.Servers) }},
		{"replication_lag_messages", "Messages taken here that are on no other server's disk yet.", gauge, func(s S) float64 { return float64(s.Lag) }},
		{"messages_total", "Messages taken from clients.", counter, func(s S) float64 { return float64(s.Records) }},
		{"deliveries_total", "Messages brought to clients.", counter, func(s S) float64 { return float64(s.Deliveries) }},
		{"delivery_calls_total", "Calls that brought them.", counter, func(s S) float64 { return float64(s.Calls) }},
		{"delivery_seconds_total", "Time that clients took to answer those calls.", counter, func(s S) float64 { return s.Delivery.Seconds() }},
		{"refused_total", "Messages refused.", counter, func(s S) float64 { return float64(s.Refused) }},
		{"slowed_total", "Calls of clients that sent too fast.", counter, func(s S) float64 { return float64(s.Slowed) }},
		{"cut_off_total", "Clients cut off because they were far behind or took nothing.", counter, func(s S) float64 { return float64(s.CutOff) }},
		{"relayed_total", "Private messages relayed to other servers.", counter, func(s S) float64 { return float64(s.Relayed) }},
		{"catch_ups_total", "Times that messages were fetched from another server.", counter, func(s S) float64 { return float64(s.Pulls) }},
		{"files_held", "Public files that are kept here.", gauge, func(s S) float64 { return float64(s.Files.Held) }},
		{"files_held_bytes", "Bytes of the public files that are kept here.", gauge, func(s S) float64 { return float64(s.Files.Bytes) }},
		{"files_quota_bytes", "Bytes of public files that may be kept here.", gauge, func(s S) float64 { return float64(s.Files.Quota) }},
		{"files_shared_total", "Files shared with all by clients of this server.", counter, func(s S) float64 { return float64(s.Files.Shared) }},
		{"files_refused_total", "Offers of files refused.", counter, func(s S) float64 { return float64(s.Files.Refused) }},
		{"files_served_bytes_total", "Bytes of public files sent to clients and servers.", counter, func(s S) float64 { return float64(s.Files.Served) }},
		{"files_relayed_total", "Private files relayed for clients of this server.", counter, func(s S) float64 { return float64(s.Files.Relayed) }},
		{"files_relayed_bytes_total", "Bytes of private files that passed through.", counter, func(s S) float64 { return float64(s.Files.RelayedBytes) }},
		{"files_copied_total", "Files copied here because too few servers held them.", counter, func(s S) float64 { return float64(s.Files.Copied) }},
		{"files_forgotten_total", "Files deleted here because no name stood for them.", counter, func(s S) float64 { return float64(s.Files.Forgotten) }},
	}}
}

// loadBalancerMetrics are those of a load balancer.
func loadBalancerMetrics(stats func() loadbalancer.Stats) prometheus.Collector {
	type S = loadbalancer.Stats
	quorum := func(s S) float64 {
		if s.Quorum {
			return 1
		}
		return 0
	}
	return collector[S]{stats: stats, metrics: []metric[S]{
		{"clients", "Clients that came in by this load balancer.", gauge, func(s S) float64 { return float64(s.Clients) }},
		{"present", "Clients that came in by any load balancer.", gauge, func(s S) float64 { return float64(s.Present) }},
		{"waiting", "Clients that wait for a server.", gauge, func(s S) float64 { return float64(s.Waiting) }},
		{"servers", "Servers in the list.", gauge, func(s S) float64 { return float64(s.Servers) }},
		{"servers_usable", "Servers that take clients.", gauge, func(s S) float64 { return float64(s.Usable) }},
		{"loadbalancers", "Other load balancers that are heard.", gauge, func(s S) float64 { return float64(s.Peers) }},
		{"users", "Users who have signed up.", gauge, func(s S) float64 { return float64(s.Users) }},
		{"files", "Public files.", gauge, func(s S) float64 { return float64(s.Files) }},
		{"registry_quorum", "Whether the registry answers.", gauge, quorum},
		{"logins_total", "Clients that were let in.", counter, func(s S) float64 { return float64(s.Logins) }},
		{"sign_ups_total", "Users who signed up here.", counter, func(s S) float64 { return float64(s.SignUps) }},
		{"logins_refused_total", "Clients that were not let in.", counter, func(s S) float64 { return float64(s.Refused) }},
		{"passwords_wrong_total", "Clients that were not let in for their password.", counter, func(s S) float64 { return float64(s.Failed) }},
		{"orders_total", "Orders to go to a server.", counter, func(s S) float64 { return float64(s.Orders) }},
		{"failovers_total", "Orders to leave a server for another.", counter, func(s S) float64 { return float64(s.Moves) }},
		{"servers_lost_total", "Servers that clients said they had lost.", counter, func(s S) float64 { return float64(s.Lost) }},
		{"orders_unanswered_total", "Orders that were not answered in time.", counter, func(s S) float64 { return float64(s.Unheard) }},
	}}
}

// serveMetrics serves /metrics and /healthz, if the node's flags say where. The latter answers 503 while healthy
// says what the node is not good for.
func (n *node) serveMetrics(c prometheus.Collector, healthy func() error) (stop func()) {
	if n.metrics == nil {
		return func() {}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(c, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if err := healthy(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() { // stop waits
		defer close(done)
		s.Serve(n.metrics)
	}()
	n.logger.Info("metrics", "address", n.metrics.Addr().String())
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Shutdown(ctx)
		s.Close()
		<-done
	}
}
