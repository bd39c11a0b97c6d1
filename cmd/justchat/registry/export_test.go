package registry

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Compact makes the etcd forget the changes so far.
func (e *Etcd) Compact(ctx context.Context) error {
	_, revision, err := e.List(ctx, "")
	if err == nil {
		_, err = e.client.Compact(ctx, revision, clientv3.WithCompactPhysical())
	}
	return err
}

// Kill stops a member without a word to the others.
func (m *Member) Kill() {
	m.etcd.Server.HardStop()
	m.Close()
}
