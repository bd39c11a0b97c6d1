package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// WithTLS encrypts a side's connections, of both forms. The default, also for nil, is the
// clear. The config is copied.
//
// A server needs a certificate in it. Every connection that it accepts is to begin with a
// TLS handshake, which is part of the time of a request, see [WithTimeout]; one that does not,
// or whose handshake fails, is closed, and the log says why. To have clients prove who they are, set ClientAuth to
// tls.RequireAndVerifyClientCert and ClientCAs to those who may vouch for them; handlers find the
// certificate in [Peer].
//
// A client verifies the server's certificate against RootCAs, or those of the system, for
// ServerName, which is the host that is dialled if it is not set. Handshakes are part of
// dialling: of its time, and of its errors; they are made on what [WithDialer]'s function returns. A
// call that fails over a certificate is not made again.
func WithTLS(config *tls.Config) Option { return tlsOption{config.Clone()} }

type tlsOption struct{ config *tls.Config }

func (o tlsOption) applyToServer(s *Server)         { s.classic.TLS = o.config }
func (o tlsOption) applyToClient(c *Client)         { c.tls = o.config }
func (o tlsOption) applyToClassic(c *ClassicClient) { c.tls = o.config }

// errNoCertificate is what Serve returns where every handshake would fail.
var errNoCertificate = errors.New("the tls.Config of the server has no certificate: " +
	"set Certificates, GetCertificate or GetConfigForClient")

func checkTLS(config *tls.Config) error {
	if config == nil || len(config.Certificates) > 0 || config.GetCertificate != nil || config.GetConfigForClient != nil {
		return nil
	}
	return errNoCertificate
}

// A dialFunc makes connections.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// dialTLS returns a function that makes a connection by dial and a TLS handshake on it.
func dialTLS(dial dialFunc, config *tls.Config) dialFunc {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(conn, configFor(address, config))
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("TLS handshake with %s: %w", address, explainTLS(err))
		}
		return secure, nil
	}
}

// configFor returns config with the name that the server at address is to prove.
func configFor(address string, config *tls.Config) *tls.Config {
	if config.ServerName != "" {
		return config
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	config = config.Clone()
	config.ServerName = host
	return config
}

// explainTLS says what an answer that is no TLS means.
func explainTLS(err error) error {
	if header := (tls.RecordHeaderError{}); errors.As(err, &header) {
		return fmt.Errorf("the server does not speak TLS on this port: %w", err)
	}
	return err
}

// distrusted reports whether a handshake failed over a certificate, which trying again
// does not change.
func distrusted(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		header      tls.RecordHeaderError
		alert       *net.OpError // of the peer's, as crypto/tls marks them
	)
	return errors.As(err, &certificate) || errors.As(err, &header) || errors.As(err, &alert) && alert.Op == "remote error"
}

// tlsState returns what is known of the encryption of conn, or nil if there is none.
func tlsState(conn net.Conn) *tls.ConnectionState {
	secure, ok := conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := secure.ConnectionState()
	return &state
}
