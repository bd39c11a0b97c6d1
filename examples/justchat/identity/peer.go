package identity

import (
	"context"
	"crypto/ed25519"
	"net"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/runtime"
)

// A Role is what a node is, as its certificate says.
type Role string

// The roles. Each but Client stands in a certificate of the cluster.
const (
	LoadBalancer Role = "loadbalancer"
	Server       Role = "server"
	Operator     Role = "operator" // a person with the secret, who runs a command
	Client       Role = "client"   // whoever has no certificate of the cluster
)

// A Peer is who is at the other end of the connection on which a call came.
type Peer struct {
	Role Role              // empty if the connection proves nothing
	Name string            // of a node
	Key  ed25519.PublicKey // of a client; only to be read
	Host string            // where the call came from, without the port
}

// PeerOf returns who made the call that a handler with ctx answers. It relies on the handshake of a config of
// this package, which lets nobody through who does not prove what his certificate says; with
// any other it says nothing that holds.
func PeerOf(ctx context.Context) Peer {
	from, ok := runtime.PeerFrom(ctx)
	if !ok {
		return Peer{}
	}
	peer := Peer{Host: hostOf(from.Address)}
	if from.TLS == nil || len(from.TLS.PeerCertificates) == 0 {
		return peer
	}
	leaf := from.TLS.PeerCertificates[0]
	if len(from.TLS.PeerCertificates) == 1 { // nodes have those of the cluster with it
		if key, ok := leaf.PublicKey.(ed25519.PublicKey); ok {
			peer.Role, peer.Key = Client, key
		}
		return peer
	}
	if role, err := roleIn(leaf); err == nil {
		peer.Role, peer.Name = role, leaf.Subject.CommonName
	}
	return peer
}

func hostOf(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().String()
	}
	host, _, err := net.SplitHostPort(address.String())
	if err != nil {
		return address.String()
	}
	return host
}

// Require returns an error with the code permission_denied unless the caller has one of the roles.
func Require(ctx context.Context, roles ...Role) error {
	role := PeerOf(ctx).Role
	if role != "" && slices.Contains(roles, role) {
		return nil
	}
	if role == "" {
		role = "somebody unknown"
	}
	var names []string
	for _, one := range roles {
		names = append(names, string(one))
	}
	return runtime.Errorf(runtime.CodePermissionDenied, "this call is for %s, and comes from %s", strings.Join(names, " or "), role)
}
