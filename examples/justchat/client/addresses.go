package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// DefaultPort is where load balancers are if nothing else is said.
const DefaultPort = "5000"

// A Resolver is a *net.Resolver, or part of a test.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, records []*net.SRV, err error)
	LookupHost(ctx context.Context, host string) (addresses []string, err error)
}

// Addresses returns host:port of each load balancer that is meant by what a person typed: either host:port
// of each, where a missing host is this computer; or one DNS name without a port. For that one
// it takes the SRV records of _justchat._tcp, in their order, or else all addresses of the name, with DefaultPort.
func Addresses(ctx context.Context, typed []string, resolver Resolver) ([]string, error) {
	if len(typed) == 1 && !strings.Contains(typed[0], ":") && typed[0] != "" {
		return lookUp(ctx, typed[0], resolver)
	}
	var addresses []string
	for _, one := range typed {
		host, port, err := net.SplitHostPort(one)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
			return nil, fmt.Errorf("%q is no address; write host:port, as in localhost:%s", one, DefaultPort)
		}
		if host == "" {
			host = "localhost"
		}
		addresses = append(addresses, net.JoinHostPort(host, port))
	}
	if len(addresses) == 0 {
		return nil, errors.New("type the address of a load balancer, as in localhost:" + DefaultPort)
	}
	return addresses, nil
}

// lookUp asks the DNS.
func lookUp(ctx context.Context, name string, resolver Resolver) ([]string, error) {
	var addresses []string
	if net.ParseIP(name) != nil {
		return []string{net.JoinHostPort(name, DefaultPort)}, nil
	}
	_, records, _ := resolver.LookupSRV(ctx, "justchat", "tcp", name)
	for _, r := range records {
		addresses = append(addresses, net.JoinHostPort(strings.TrimSuffix(r.Target, "."), strconv.Itoa(int(r.Port))))
	}
	if len(addresses) > 0 {
		return addresses, nil
	}
	hosts, err := resolver.LookupHost(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("no load balancers are known by the name %q: %w", name, err)
	}
	for _, host := range hosts {
		addresses = append(addresses, net.JoinHostPort(host, DefaultPort))
	}
	return addresses, nil
}
