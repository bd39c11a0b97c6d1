package registry

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/client/pkg/v3/transport"
)

// Credentials are for mutual TLS: a certificate that is good for both sides, and
// who vouches for the others'. Whoever has a certificate may do everything, as member and as
// load balancer.
type Credentials struct {
	Certificate tls.Certificate
	Authorities []*x509.Certificate
	// ServerName is a host name that is in all members' certificates. Empty where each
	// has that of its own address.
	ServerName string
}

// TLS returns what a Config needs.
func (c Credentials) TLS() *tls.Config {
	authorities := x509.NewCertPool()
	for _, authority := range c.Authorities {
		authorities.AddCert(authority)
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{c.Certificate},
		RootCAs:      authorities,
	}
	if c.ServerName == "" {
		return config
	}
	// gRPC would look for the host in the address, whatever name the config has.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		options := x509.VerifyOptions{Roots: authorities, DNSName: c.ServerName, Intermediates: x509.NewCertPool()}
		for _, between := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(between)
		}
		_, err := state.PeerCertificates[0].Verify(options)
		return err
	}
	return config
}

// write puts the credentials into files, since etcd reads them there with each
// connection. Nobody else can read them.
func (c Credentials) write(folder string) (transport.TLSInfo, error) {
	info := transport.TLSInfo{
		CertFile:            filepath.Join(folder, "certificate.pem"),
		KeyFile:             filepath.Join(folder, "key.pem"),
		TrustedCAFile:       filepath.Join(folder, "authorities.pem"),
		ClientCertAuth:      true,
		SkipClientSANVerify: true, // a client's address is no proof of anything
		ServerName:          c.ServerName,
		MinVersion:          tls.VersionTLS13,
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.Certificate.PrivateKey)
	if err != nil {
		return info, err
	}
	var authorities [][]byte
	for _, authority := range c.Authorities {
		authorities = append(authorities, authority.Raw)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return info, err
	}
	for file, content := range map[string][]byte{
		info.CertFile:      encodePEM("CERTIFICATE", c.Certificate.Certificate...),
		info.KeyFile:       encodePEM("PRIVATE KEY", key),
		info.TrustedCAFile: encodePEM("CERTIFICATE", authorities...),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return info, err
		}
	}
	return info, nil
}

func encodePEM(kind string, blocks ...[]byte) []byte {
	var encoded bytes.Buffer
	for _, block := range blocks {
		_ = pem.Encode(&encoded, &pem.Block{Type: kind, Bytes: block}) // a Buffer takes everything
	}
	return encoded.Bytes()
}
