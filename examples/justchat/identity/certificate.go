package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// All certificates are good in this century: a clock that jumps does no harm, and keys
// live as long as their process, or as the secret.
var (
	notBefore = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	notAfter  = time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC)
)

const authorityName = "JustChat cluster"

// authorityTemplate is the certificate of a CA but for its key and who signs it. Nothing in it depends on
// when and where it is made, and Ed25519 signs the same in the same way.
func authorityTemplate(key ed25519.PublicKey) *x509.Certificate {
	id := fingerprintOf(key)
	return &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: authorityName},
		SubjectKeyId:          id[:20],
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
}

// authorityChain returns what follows a node's certificate in its handshakes: the
// CA's, signed by itself, and for each old CA, which keys[1:] are, two more: the CA's signed by
// the old one, and the old one's signed by the CA. So each is seen to vouch for the other.
func authorityChain(keys []ed25519.PrivateKey) ([][]byte, error) {
	self, err := signAuthority(keys[0], keys[0])
	if err != nil {
		return nil, err
	}
	chain := [][]byte{self}
	for _, old := range keys[1:] {
		up, err := signAuthority(keys[0], old)
		if err != nil {
			return nil, err
		}
		down, err := signAuthority(old, keys[0])
		if err != nil {
			return nil, err
		}
		chain = append(chain, up, down)
	}
	return chain, nil
}

// signAuthority returns the certificate of a CA, signed by another, or itself.
func signAuthority(subject, signer ed25519.PrivateKey) ([]byte, error) {
	return x509.CreateCertificate(rand.Reader, authorityTemplate(publicOf(subject)), authorityTemplate(publicOf(signer)), publicOf(subject), signer)
}

// signNode returns a certificate that says that the node with that key has the role and the name.
func signNode(key ed25519.PublicKey, role Role, name string, signer ed25519.PrivateKey) ([]byte, error) {
	template := leafTemplate(pkix.Name{OrganizationalUnit: []string{string(role)}, CommonName: name})
	return x509.CreateCertificate(rand.Reader, template, authorityTemplate(publicOf(signer)), key, signer)
}

// signSelf returns the certificate of a client, which says nothing but its key.
func signSelf(key ed25519.PrivateKey) ([]byte, error) {
	template := leafTemplate(pkix.Name{CommonName: "JustChat client"})
	return x509.CreateCertificate(rand.Reader, template, template, publicOf(key), key)
}

func leafTemplate(subject pkix.Name) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(2),
		Subject:               subject,
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
}

// A nodeProof is what the certificates of a node say, and which authority says it.
type nodeProof struct {
	role Role
	name string
	keys []ed25519.PublicKey // of the authority, the current one first
}

var errNoNode = errors.New("the certificate is not that of a node of a JustChat cluster")

// readNode takes the certificates of a peer for a node's. It finds that they hold together;
// whether the authority is the right one is for the caller to ask.
func readNode(certificates []*x509.Certificate) (nodeProof, error) {
	if n := len(certificates); n < 2 || n > 2+2*MaxOld || n%2 != 0 {
		return nodeProof{}, errNoNode
	}
	leaf, ca := certificates[0], certificates[1]
	key, ok := ca.PublicKey.(ed25519.PublicKey)
	if !ok || leaf.IsCA {
		return nodeProof{}, errNoNode
	}
	if err := ca.CheckSignatureFrom(ca); err != nil {
		return nodeProof{}, fmt.Errorf("the cluster's certificate: %w", err)
	}
	if err := leaf.CheckSignatureFrom(ca); err != nil {
		return nodeProof{}, fmt.Errorf("the node's certificate: %w", err)
	}
	role, err := roleIn(leaf)
	if err != nil {
		return nodeProof{}, err
	}
	proof := nodeProof{role: role, name: leaf.Subject.CommonName, keys: []ed25519.PublicKey{key}}
	for rest := certificates[2:]; len(rest) > 0; rest = rest[2:] {
		old, err := readOld(ca, rest[0], rest[1])
		if err != nil {
			return nodeProof{}, err
		}
		proof.keys = append(proof.keys, old)
	}
	return proof, nil
}

// readOld returns the key of an old CA: up is ca's certificate by the old one, down the old one's by ca.
func readOld(ca, up, down *x509.Certificate) (ed25519.PublicKey, error) {
	old, ok := down.PublicKey.(ed25519.PublicKey)
	current, same := up.PublicKey.(ed25519.PublicKey)
	if !ok || !same || !bytes.Equal(current, ca.PublicKey.(ed25519.PublicKey)) {
		return nil, errNoNode
	}
	if err := down.CheckSignatureFrom(ca); err != nil {
		return nil, fmt.Errorf("the certificate of the cluster's old authority: %w", err)
	}
	if err := up.CheckSignatureFrom(down); err != nil {
		return nil, fmt.Errorf("the certificate by the cluster's old authority: %w", err)
	}
	return old, nil
}

// roleIn returns the role that a node's certificate names.
func roleIn(leaf *x509.Certificate) (Role, error) {
	if units := leaf.Subject.OrganizationalUnit; len(units) == 1 {
		switch role := Role(units[0]); role {
		case LoadBalancer, Server, Operator:
			return role, nil
		}
	}
	return "", fmt.Errorf("the node's certificate names the role %q, which this version does not know", leaf.Subject.OrganizationalUnit)
}

// readClient takes the certificates of a peer for a client's: one, signed by itself, with an Ed25519 key,
// which it returns. The handshake proves that the peer has the key.
func readClient(certificates []*x509.Certificate) (ed25519.PublicKey, error) {
	if len(certificates) != 1 {
		return nil, errors.New("a client has one certificate, signed by itself")
	}
	c := certificates[0]
	key, ok := c.PublicKey.(ed25519.PublicKey)
	if !ok || c.SignatureAlgorithm != x509.PureEd25519 {
		return nil, errors.New("a client's certificate has an Ed25519 key")
	}
	if !ed25519.Verify(key, c.RawTBSCertificate, c.Signature) {
		return nil, errors.New("a client's certificate is signed by itself, this one is not")
	}
	return key, nil
}
