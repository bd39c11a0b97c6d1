package client

import (
	"context"
	"net"
	"strings"
	"testing"
)

// dns is a Resolver that knows two names.
type dns struct{}

func (dns) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if service+"."+proto+"."+name != "justchat.tcp.srv.example" {
		return "", nil, &net.DNSError{Err: "no such host", Name: name}
	}
	return "", []*net.SRV{{Target: "lb1.example.", Port: 7}, {Target: "lb2.example.", Port: 8}}, nil
}

func (dns) LookupHost(_ context.Context, host string) ([]string, error) {
	if host != "a.example" {
		return nil, &net.DNSError{Err: "no such host", Name: host}
	}
	return []string{"192.0.2.1", "2001:db8::1"}, nil
}

func TestAddresses(t *testing.T) {
	for typed, want := range map[string]string{
		"a:5000 b:5001 c:5002": "a:5000 b:5001 c:5002",
		":5000 :5001":          "localhost:5000 localhost:5001",
		"[::1]:5000":           "[::1]:5000",
		"srv.example":          "lb1.example:7 lb2.example:8",
		"a.example":            "192.0.2.1:5000 [2001:db8::1]:5000",
		"127.0.0.1":            "127.0.0.1:5000",
		"":                     "",
		"nobody.example":       "",
		"a.example b.example":  "",
		"a:0":                  "",
		"a:70000":              "",
		"a:http":               "",
		"2001:db8::1":          "",
		"a:5000 b":             "",
	} {
		got, err := Addresses(t.Context(), strings.Fields(typed), dns{})
		if strings.Join(got, " ") != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", typed, got, err, want)
		}
	}
}
