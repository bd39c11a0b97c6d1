package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

// quota is how much a member's store may take on its disk. A user needs some
// hundred bytes, and all that were changed in an hour.
const quota = 256 << 20

// A MemberConfig is one member of several, or the first of them.
type MemberConfig struct {
	// Name is the member's among the others.
	Name string
	// Dir is its data folder, which is made if it is missing.
	Dir string
	// Peers is host:port where the other members reach it, Clients where load balancers do. It listens there.
	Peers, Clients string
	// Cluster is host:port of Peers by name, of all the members that there are to be at
	// first, this one among them; nil is this one alone. It has to be the same on all of them. It counts when the
	// data folder is empty, and then no more.
	Cluster map[string]string
	// Join says that the member was added to a registry that is there already, by etcdctl
	// member add; Cluster then has the others too.
	Join bool
	// Credentials are what members and load balancers prove to each other.
	Credentials Credentials
	// Logger hears what etcd warns of. Nil is nobody.
	Logger *slog.Logger
}

// A Member is a member of an etcd that runs in this process.
type Member struct {
	etcd  *embed.Etcd
	dial  Config
	close func() error
}

// Start starts a member. It does not wait until that is of use, for which more than half
// of the members have to run. It fails if the configuration makes no sense, or if the member cannot
// listen or use its folder.
func Start(config MemberConfig) (*Member, error) {
	c, log := baseConfig(config.Dir, config.Logger)
	c.Name = config.Name
	c.InitialCluster = initialCluster(config)
	if config.Join {
		c.ClusterState = embed.ClusterStateFlagExisting
	}
	var errs [2]error
	c.ListenPeerUrls, c.AdvertisePeerUrls, errs[0] = addresses(config.Peers)
	c.ListenClientUrls, c.AdvertiseClientUrls, errs[1] = addresses(config.Clients)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	pems := filepath.Join(config.Dir, "credentials")
	info, err := config.Credentials.write(pems)
	if err != nil {
		return nil, err
	}
	c.PeerTLSInfo, c.ClientTLSInfo = info, info
	dial := Config{Endpoints: []string{c.AdvertiseClientUrls[0].String()}, TLS: config.Credentials.TLS(), Logger: config.Logger}
	m, err := start(c, log, dial, pems)
	if err != nil {
		return nil, fmt.Errorf("the registry's member %s: %w", config.Name, err)
	}
	return m, nil
}

// baseConfig is what all members have in common, and where they log to.
func baseConfig(dir string, logger *slog.Logger) (*embed.Config, quiet) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	log := newQuiet(logger)
	c := embed.NewConfig()
	c.Dir = filepath.Join(dir, "etcd")
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.New(log))
	c.AutoCompactionMode = embed.CompactorModePeriodic
	c.AutoCompactionRetention = "1h"
	c.QuotaBackendBytes = quota
	c.InitialClusterToken = "justchat"
	c.EnableGRPCGateway = false
	return c, log
}

// initialCluster returns the members as etcd has them: name=url,name=url.
func initialCluster(config MemberConfig) string {
	members := config.Cluster
	if members == nil {
		members = map[string]string{config.Name: config.Peers}
	}
	var parts []string
	for name, address := range members {
		parts = append(parts, name+"=https://"+address)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// addresses returns where to listen and what to tell others for a host:port. Behind a name
// there may be any address of this machine, so it listens on all.
func addresses(address string) (listen, tell []url.URL, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return nil, nil, fmt.Errorf("%q is no address of a registry's member: want host:port, as others reach it", address)
	}
	on := address
	if net.ParseIP(host) == nil {
		on = net.JoinHostPort("0.0.0.0", port)
	}
	return []url.URL{{Scheme: "https", Host: on}}, []url.URL{{Scheme: "https", Host: address}}, nil
}

// start starts a member, at whose end the folder is removed.
func start(c *embed.Config, log quiet, dial Config, folder string) (*Member, error) {
	etcd, err := embed.StartEtcd(c)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &Member{etcd, dial, sync.OnceValue(func() error {
		log.stopping.Store(true)
		etcd.Close()
		return os.RemoveAll(folder)
	})}, nil
}

// Ready is closed when the member is of use.
func (m *Member) Ready() <-chan struct{} { return m.etcd.Server.ReadyNotify() }

// Wait waits until ctx ends, or the member does by itself, whose error it returns.
func (m *Member) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-m.etcd.Server.StopNotify():
		return errors.New("the registry's member has stopped: another has removed it, or its log says why")
	case err := <-m.etcd.Err():
		return fmt.Errorf("the registry's member: %w", err)
	}
}

// Dial returns a Registry in the member's etcd, which has to be closed before the member.
func (m *Member) Dial() (*Etcd, error) { return Dial(m.dial) }

// Close stops the member. It returns when its folder can be used again.
func (m *Member) Close() error { return m.close() }
