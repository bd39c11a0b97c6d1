package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"

	"github.com/parley-rpc/parley/runtime"
	"github.com/rogpeppe/go-internal/testscript"
)

// serve is the script command «serve [empty|guarded|tls|mtls|classic|http]»: it starts a server of lab.parley and sets $ADDRESS. With empty
// it has no services; with guarded it wants token=secret with every call; with tls it writes ca.pem, cert.pem and key.pem, with mtls it wants
// a certificate of its clients, too; classic is a server that has not heard of sessions, http one of web pages.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: serve [empty|guarded|tls|mtls|classic|http]")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("ADDRESS", listener.Addr().String())
	kind := ""
	if len(args) == 1 {
		kind = args[0]
	}
	if answer := refusals[kind]; answer != "" {
		done := make(chan struct{})
		go func() { refuseSessions(listener, answer); close(done) }() // the listener's end, for which Defer waits
		ts.Defer(func() { listener.Close(); <-done })
		return
	}
	server := runtime.NewServer(runtime.WithLogger(slog.New(slog.DiscardHandler)), runtime.WithTLS(tlsFor(ts, kind)))
	if kind == "guarded" {
		server = runtime.NewServer(runtime.WithLogger(slog.New(slog.DiscardHandler)), runtime.WithInterceptors(guard))
	}
	if kind != "empty" {
		registerLab(server)
	}
	done := make(chan error)
	go func() { done <- server.Serve(listener) }() // ends with Close, for which Defer waits
	ts.Defer(func() { server.Close(); <-done })
}

// guard is an interceptor that wants a token.
func guard(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
	if runtime.MetadataFrom(ctx)["token"] != "secret" {
		return runtime.NewError(runtime.CodeUnauthenticated, "no token")
	}
	return next(ctx)
}

// refusals are what servers answer that do not know a hello: one of the classic form takes it for a short request.
var refusals = map[string]string{
	"classic": "\x00\x05\x00\x03bad",
	"http":    "HTTP/1.1 400 Bad Request\r\n\r\n",
}

// refuseSessions answers each connection so.
func refuseSessions(listener net.Listener, answer string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		io.ReadFull(conn, make([]byte, 2))
		io.WriteString(conn, answer)
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn) // a connection closed with something unread in it is reset
		conn.Close()
	}
}

// tlsFor returns the server's part of TLS, and writes the files for the client's part.
func tlsFor(ts *testscript.TestScript, kind string) *tls.Config {
	if kind != "tls" && kind != "mtls" {
		return nil
	}
	borrowed := httptest.NewTLSServer(nil) // has a certificate for example.com, and a key
	defer borrowed.Close()
	certificate := borrowed.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{
		"ca.pem":   {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]},
		"cert.pem": {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: key},
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if kind == "mtls" {
		config.ClientAuth = tls.RequireAnyClientCert
	}
	return config
}
