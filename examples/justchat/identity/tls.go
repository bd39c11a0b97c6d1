package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"
)

// serverName is what a dialler says in clear that it looks for. Nobody checks it, since
// certificates here say what a node is, and not where.
const serverName = "justchat.invalid"

// NodeTLS returns the TLS of a node, for what it accepts and what it dials: it proves
// the role, and the name of 1 to 64 bytes, with a key that is new with each call.
//
// Of whom it accepts it asks a certificate: either that of a node, which has to be of this
// cluster, or one that its owner has signed itself, with an Ed25519 key, which makes it a
// client. What it dials has to be a load balancer or a server of this cluster.
func (c *Cluster) NodeTLS(role Role, name string) (*tls.Config, error) {
	switch role {
	case LoadBalancer, Server, Operator:
	default:
		return nil, fmt.Errorf("%q is not the role of a node", role)
	}
	if len(name) < 1 || len(name) > 64 || !utf8.ValidString(name) {
		return nil, fmt.Errorf("%q cannot be the name of a node in its certificate: want 1 to 64 bytes of UTF-8", name)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf, err := signNode(public, role, name, c.key)
	if err != nil {
		return nil, err
	}
	own := tls.Certificate{Certificate: append([][]byte{leaf}, c.chain...), PrivateKey: private}
	accept := baseTLS(own, c.checkAccepted)
	config := baseTLS(own, c.checkDialled)
	// Only an accepting side calls this. So a config that is used otherwise than was thought is the strict one.
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return accept, nil }
	return config, nil
}

// baseTLS is TLS 1.3 with that certificate and no other check than that.
func baseTLS(own tls.Certificate, check func([]*x509.Certificate) error) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{own},
		ServerName:             serverName,
		ClientAuth:             tls.RequireAnyClientCert,
		SessionTicketsDisabled: true, // or a resumed connection would rest on an earlier check
		InsecureSkipVerify:     true, // it would look for the host's name; VerifyConnection looks for more
		VerifyConnection: func(state tls.ConnectionState) error {
			if err := check(state.PeerCertificates); err != nil {
				// By this type the runtime knows that it need not try again.
				return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
			}
			return nil
		},
	}
}

func (c *Cluster) checkAccepted(certificates []*x509.Certificate) error {
	if len(certificates) == 1 {
		_, err := readClient(certificates)
		return err
	}
	_, err := c.readOwn(certificates)
	return err
}

func (c *Cluster) checkDialled(certificates []*x509.Certificate) error {
	proof, err := c.readOwn(certificates)
	if err != nil {
		return err
	}
	return proof.serves()
}

// readOwn returns what a node of this cluster proves.
func (c *Cluster) readOwn(certificates []*x509.Certificate) (nodeProof, error) {
	proof, err := readNode(certificates)
	if err != nil {
		return nodeProof{}, err
	}
	if !c.authority.follow(proof.keys) {
		met := fingerprintOf(proof.keys[0])
		return nodeProof{}, fmt.Errorf("the node is of another cluster, with the fingerprint %s; this one has %s: give both the same secret",
			hex.EncodeToString(met[:]), c.authority.Fingerprint())
	}
	return proof, nil
}

// serves says whether the node is of a role that one dials.
func (p nodeProof) serves() error {
	if p.role != LoadBalancer && p.role != Server {
		return fmt.Errorf("what answers has the certificate of %s, not of a load balancer or a server", p.role)
	}
	return nil
}

// TLS returns the TLS of a client that dials nodes: it presents the key, and expects a load
// balancer or a server of an authority that pin accepts, which is called in each handshake with
// the authority that was met, each time another Authority; [Authority.Learn] joins them. An error of
// pin's is the error of the handshake, for errors.As to find.
func (k *Key) TLS(pin func(*Authority) error) *tls.Config {
	return baseTLS(k.certificate, func(certificates []*x509.Certificate) error {
		proof, err := readNode(certificates)
		if err != nil {
			return err
		}
		if err := proof.serves(); err != nil {
			return err
		}
		return pin(newAuthority(proof.keys))
	})
}

// PeerTLS is for dialling another client, which proves that it has that key.
func (k *Key) PeerTLS(expect ed25519.PublicKey) *tls.Config {
	return baseTLS(k.certificate, func(certificates []*x509.Certificate) error {
		key, err := readClient(certificates)
		if err == nil && !key.Equal(expect) {
			err = errors.New("what answers is not the client that was looked for: it has another key")
		}
		return err
	})
}

// ListenTLS is for being dialled by other clients.
func (k *Key) ListenTLS() *tls.Config {
	return baseTLS(k.certificate, func(certificates []*x509.Certificate) error {
		_, err := readClient(certificates)
		return err
	})
}
