package server

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/fileserver"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
)

// newFiles makes the part of the server that has to do with files.
func (s *Server) newFiles() *fileserver.Files {
	return fileserver.New(fileserver.Config{
		Name:      s.self.Name,
		Store:     s.Config.Files,
		Balance:   s.balance,
		Authority: s.authority,
		Host:      host{s},
		Limits: fileserver.Limits{
			FileBytes:   s.Limits.FileBytes,
			OpenOffers:  s.Limits.OpenOffers,
			OfferAge:    s.Limits.OfferAge,
			Receive:     s.Limits.Receive,
			Every:       s.Limits.FilesEvery,
			CopyAfter:   s.Limits.CopyAfter,
			ForgetAfter: s.Limits.ForgetAfter,
		},
		Logger: s.Logger,
	})
}

// host is what the files need of the server.
type host struct{ s *Server }

// Client implements fileserver.Host, as do the others.
func (h host) Client(ctx context.Context) (*fileserver.Client, error) {
	c, err := h.s.session(ctx)
	if err != nil {
		return nil, err
	}
	return &c.Client, nil
}

func (h host) ClientsOf(user string) []*fileserver.Client {
	sessions := h.s.sessionsOf(user)
	slices.SortFunc(sessions, func(a, b *session) int { return b.came.Compare(a.came) })
	var clients []*fileserver.Client
	for _, c := range sessions {
		clients = append(clients, &c.Client)
	}
	return clients
}

func (h host) Peers() []*fileserver.Peer {
	alive := h.s.room.alive()
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	var peers []*fileserver.Peer
	for name, l := range h.s.links {
		if slices.Contains(alive, name) {
			peers = append(peers, &l.files)
		}
	}
	return peers
}

func (h host) Peer(name string) *fileserver.Peer {
	if l := h.s.link(name); l != nil {
		return &l.files
	}
	return nil
}

func (h host) Where(ctx context.Context, user string) (justchat.ClientItem, error) {
	return h.s.where(ctx, user)
}

func (h host) MutedUntil(user string) time.Time { return h.s.mutedUntil(user) }

func (h host) Allow(user string) time.Duration { return h.s.allow(user, 1) }

func (h host) Wake() {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	for _, c := range h.s.sessions {
		signal(c.wake)
	}
}

// SendPublicFile implements api.NodeService, as do the others.
func (n *nodeService) SendPublicFile(ctx context.Context, offer justchat.Offer) error {
	return n.s.files.Announced(offer)
}

func (n *nodeService) StoreFile(ctx context.Context, file justchat.File) iter.Seq2[justchat.Transfer, error] {
	return n.s.files.StoreFile(ctx, identity.PeerOf(ctx).Name, file)
}

func (n *nodeService) GetFile(ctx context.Context, sha256 []byte, offset uint64) iter.Seq2[[]byte, error] {
	return n.s.files.Held(ctx, sha256, offset)
}

func (n *nodeService) DeleteFile(ctx context.Context, sha256 []byte) error {
	return n.s.files.DeleteFile(ctx, sha256)
}

func (n *nodeService) RelayFile(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return n.s.files.Relayed(ctx, identity.PeerOf(ctx).Name, offer)
}

func (n *nodeService) GetPrivateFile(ctx context.Context, client []byte, number, offset uint64) iter.Seq2[[]byte, error] {
	return n.s.files.Forwarded(ctx, identity.PeerOf(ctx).Name, client, number, offset)
}

// SendPublicFile implements api.MessageService, as do the others.
func (m *messageService) SendPublicFile(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return m.s.files.SendPublicFile(ctx, offer)
}

func (m *messageService) GetFile(ctx context.Context, sha256 []byte, offset uint64) iter.Seq2[[]byte, error] {
	return m.s.files.GetFile(ctx, sha256, offset)
}

func (m *messageService) RelayFile(ctx context.Context, offer justchat.Offer) iter.Seq2[justchat.Transfer, error] {
	return m.s.files.RelayFile(ctx, offer)
}

func (m *messageService) GetPrivateFile(ctx context.Context, client []byte, number, offset uint64) iter.Seq2[[]byte, error] {
	return m.s.files.GetPrivateFile(ctx, client, number, offset)
}
