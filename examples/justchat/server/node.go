package server

import (
	"context"
	"iter"
	"net"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// nodeService is what other servers and load balancers call, each what is his, see admit.
type nodeService struct{ s *Server }

// NewStorageNode implements api.NodeService, as do the others.
func (n *nodeService) NewStorageNode(ctx context.Context, node justchat.ServerNode, seen map[string]uint64) (map[string]uint64, error) {
	peer := identity.PeerOf(ctx)
	if err := n.notSelf(peer); err != nil {
		return nil, err
	}
	if l := n.s.link(node.Name); l == nil || l.node.Start < node.Start { // else a load balancer knows better where it is
		node.Address = reachable(node.Address, peer.Host)
		n.s.join(node)
	}
	if peer.Role == identity.Server && peer.Name == node.Name {
		n.s.room.peerHas(node.Name, seen, time.Now())
	}
	return n.s.seen(), nil
}

// reachable returns an address that can be dialled: where it names no host, at the one from which its node calls.
func reachable(address, from string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort(from, port)
	}
	return address
}

// notSelf refuses ourselves, met at an address that another server had: what we have is no second copy.
func (n *nodeService) notSelf(peer identity.Peer) error {
	if peer.Name == n.s.self.Name {
		return runtime.Errorf(runtime.CodeFailedPrecondition, "this is server %s itself", peer.Name)
	}
	return nil
}

func (n *nodeService) RemoveNode(ctx context.Context, name string) error {
	n.s.part(name)
	return nil
}

func (n *nodeService) SendPublicMsg(ctx context.Context, name string, records []justchat.Record, seen map[string]uint64) (map[string]uint64, error) {
	if peer := identity.PeerOf(ctx); peer.Name != name {
		return nil, runtime.Errorf(runtime.CodePermissionDenied, "server %s brings records as %s", peer.Name, name)
	}
	if err := n.notSelf(identity.PeerOf(ctx)); err != nil {
		return nil, err
	}
	kept := make([]*justchat.Record, len(records))
	for i := range records {
		kept[i] = &records[i]
	}
	if err := n.s.keep(kept); err != nil {
		return nil, err
	}
	n.s.room.peerHas(name, seen, time.Now())
	return n.s.seen(), nil
}

func (n *nodeService) CatchUp(ctx context.Context, seen map[string]uint64) iter.Seq2[api.Missed, error] {
	return func(yield func(api.Missed, error) bool) {
		if gone := n.s.Log.Gone(); len(gone) > 0 && !yield(api.Missed{Gone: gone}, nil) {
			return
		}
		for record, err := range n.s.Log.Since(seen) {
			if err != nil {
				yield(api.Missed{}, err)
				return
			}
			if !yield(api.Missed{Record: record}, nil) {
				return
			}
		}
	}
}

func (n *nodeService) RelayPrivate(ctx context.Context, message justchat.Message) error {
	return n.s.hand(ctx, &message)
}
