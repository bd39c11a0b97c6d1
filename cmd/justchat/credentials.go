package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"

	"github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/identity"
)

// registryFlags say where a registry is, and how it and its clients prove themselves, if it is not one of
// justchat registry.
type registryFlags struct{ endpoints, prefix, authority, certificate, key string }

func addRegistryFlags(flags *flag.FlagSet) *registryFlags {
	f := new(registryFlags)
	flags.StringVar(&f.endpoints, "registry", "", "`URLs` of the registry's members, separated by commas")
	flags.StringVar(&f.prefix, "registry-prefix", "", "`prefix` of the keys, in an etcd that others use too (default justchat/)")
	flags.StringVar(&f.authority, "registry-ca", "", "`file` with the CA of an etcd that is not of justchat registry (default the cluster's own, by its secret)")
	flags.StringVar(&f.certificate, "registry-cert", "", "`file` with the certificate to show to such an etcd")
	flags.StringVar(&f.key, "registry-key", "", "`file` with the key of that certificate")
	return f
}

// tls returns how to reach the registry.
func (f *registryFlags) tls(cluster *identity.Cluster) (*tls.Config, error) {
	if (f.certificate == "") != (f.key == "") {
		return nil, usage("-registry-cert and -registry-key go together")
	}
	if f.authority == "" && f.certificate == "" {
		credentials, err := credentialsOf(cluster)
		return credentials.TLS(), err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.authority != "" {
		text, err := os.ReadFile(f.authority)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s: no certificate in PEM", f.authority)
		}
	}
	if f.certificate != "" {
		own, err := tls.LoadX509KeyPair(f.certificate, f.key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

// credentialsOf returns what the cluster's members of the registry and its load balancers prove.
func credentialsOf(cluster *identity.Cluster) (registry.Credentials, error) {
	certificate, authorities, err := cluster.RegistryCertificate()
	return registry.Credentials{Certificate: certificate, Authorities: authorities, ServerName: identity.RegistryName}, err
}
