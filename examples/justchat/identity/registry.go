package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
)

// RegistryName is the host name in the certificates of the registry's members, whatever their addresses.
const RegistryName = "registry.justchat.invalid"

// RegistryCertificate returns what a member of the registry, or a load balancer that dials one, proves,
// and who vouches for the others: the cluster's CA, and the old ones. It is good for TLS as everybody
// speaks it, with certificates that are checked for RegistryName, and it is no node's:
// with it nobody is let in elsewhere.
func (c *Cluster) RegistryCertificate() (certificate tls.Certificate, authorities []*x509.Certificate, err error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return certificate, nil, err
	}
	template := leafTemplate(pkix.Name{OrganizationalUnit: []string{"registry"}, CommonName: RegistryName})
	template.DNSNames = []string{RegistryName}
	leaf, err := x509.CreateCertificate(rand.Reader, template, authorityTemplate(publicOf(c.key)), public, c.key)
	if err != nil {
		return certificate, nil, err
	}
	// Of the authority's certificates in a node's chain, the first is its own, and every other one after
	// it an old one's, as the authority vouches for it.
	own, err := x509.ParseCertificate(c.chain[0])
	if err != nil {
		return certificate, nil, err
	}
	authorities = append(authorities, own)
	for i := 2; i < len(c.chain); i += 2 {
		old, err := x509.ParseCertificate(c.chain[i])
		if err != nil {
			return certificate, nil, err
		}
		authorities = append(authorities, old)
	}
	certificate = tls.Certificate{Certificate: append([][]byte{leaf}, c.chain...), PrivateKey: private}
	return certificate, authorities, nil
}
