// Package remote is the servers that the tool talks to: how they are reached, what they say of
// themselves, and calls of methods that are known only by their IDL.
package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// A Target says which server is meant and how it is reached.
type Target struct {
	Address string        // "host:port", "tcp://host:port", or "tls://host:port", which sets TLS
	Classic bool          // each call on a connection of its own, in the classic form; else all on one session
	Timeout time.Duration // of a call, and of dialling; 0 is the runtime's default, 10 s; never below

	Metadata []string // NAME=VALUE each, sent with every call, also those that ask the server what it has

	TLS        bool   // set by any of the following as well
	CACert     string // a file of PEM: whom to trust in place of the system's
	Cert, Key  string // files of PEM: the client's own certificate
	ServerName string // whom the server's certificate is to be for, in place of the address's host
	Insecure   bool   // whether any certificate will do
}

// IsZero reports whether nothing is said of a server.
func (t Target) IsZero() bool { return reflect.DeepEqual(t, Target{}) }

// A Caller carries calls to a server until it is closed.
type Caller struct {
	runtime.Caller
	Address string // of the server: "host:port"
	Close   func() // frees what it holds

	connect func(context.Context) error // nil in the classic form
	clear   bool                        // whether it speaks without TLS
}

// Dial returns a caller of the server. It does not connect. Its errors are about what t says.
func (t Target) Dial() (*Caller, error) {
	address, err := t.hostPort()
	if err != nil {
		return nil, err
	}
	config, err := t.tlsConfig()
	if err != nil {
		return nil, err
	}
	if t.Timeout < 0 {
		return nil, fmt.Errorf("the timeout is how long to wait, got %s", t.Timeout)
	}
	metadata, err := t.metadata()
	if err != nil {
		return nil, err
	}
	c := &Caller{Address: address, Close: func() {}, clear: config == nil}
	timeout, secure := runtime.WithTimeout(t.Timeout), runtime.WithTLS(config)
	if t.Classic {
		c.Caller = runtime.Classic(address, timeout, secure)
		return c, nil
	}
	quiet := runtime.WithLogger(slog.New(slog.DiscardHandler)) // what is logged is in the errors too
	client := runtime.Dial(address, timeout, secure, quiet, runtime.WithInterceptors(metadata.add))
	c.Caller, c.Close, c.connect = client, func() { client.Close() }, client.Connect
	return c, nil
}

// metadata is what goes with every call.
type metadata map[string]string

// add is a [runtime.Interceptor].
func (m metadata) add(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
	return next(runtime.WithMetadata(ctx, m))
}

func (t Target) metadata() (metadata, error) {
	if t.Classic && len(t.Metadata) > 0 {
		return nil, errors.New("the classic form has no room for metadata: leave out -classic or -H")
	}
	m := metadata{}
	for _, pair := range t.Metadata {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("metadata is written NAME=VALUE, got %q", pair)
		}
		if other, twice := m[name]; twice && other != value { // completion reads the flags twice
			return nil, fmt.Errorf("there are two values for the metadata %q: it has one", name)
		}
		m[name] = value
	}
	return m, nil
}

// Connect connects and waits for the server's first answer; the classic form cannot, and does nothing.
func (c *Caller) Connect(ctx context.Context) error {
	if c.connect == nil {
		return nil
	}
	return c.plain(c.connect(ctx))
}

// Ping asks the server whether it is there.
func (c *Caller) Ping(ctx context.Context) error { return c.plain(runtime.NewMetaClient(c).Ping(ctx)) }

// Connect makes a connection to the server, with its TLS handshake, and closes it.
func (t Target) Connect(ctx context.Context) error {
	address, err := t.hostPort()
	if err != nil {
		return err
	}
	config, err := t.tlsConfig()
	if err != nil {
		return err
	}
	var conn net.Conn
	if config != nil {
		conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return err
	}
	return conn.Close()
}

// hostPort returns the address without a scheme.
func (t Target) hostPort() (string, error) {
	address := t.Address
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		if scheme != "tcp" && scheme != "tls" {
			return "", fmt.Errorf("%q begins with %s://, want host:port, tcp://host:port or tls://host:port", t.Address, scheme)
		}
		address = strings.TrimSuffix(rest, "/")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return "", fmt.Errorf("%q is no address, want host:port like localhost:7000", t.Address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return "", fmt.Errorf("%q is no address: there is no port %q, they go to 65535", t.Address, port)
	}
	if host == "" {
		address = "localhost:" + port
	}
	return address, nil
}

// tlsConfig returns nil for a connection in the clear.
func (t Target) tlsConfig() (*tls.Config, error) {
	if !t.TLS && !t.Insecure && t.CACert+t.Cert+t.Key+t.ServerName == "" && !strings.HasPrefix(t.Address, "tls://") {
		return nil, nil
	}
	config := &tls.Config{ServerName: t.ServerName, InsecureSkipVerify: t.Insecure}
	if t.CACert != "" {
		pem, err := os.ReadFile(t.CACert)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", t.CACert)
		}
	}
	if (t.Cert == "") != (t.Key == "") {
		return nil, errors.New("a client's certificate takes two files, -cert and -key")
	}
	if t.Cert != "" {
		own, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("certificate %s with key %s: %w", t.Cert, t.Key, err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}
