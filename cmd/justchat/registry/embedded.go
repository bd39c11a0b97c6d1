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
	"regexp"
)

// longestSocket is how long the path of a unix socket may be on the systems that
// have them: 104 bytes on some, 108 on others, with one that ends it.
const longestSocket = 103

// plain are paths that mean the same in a URL.
var plain = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// Embedded starts the only member of an etcd and waits until it is ready, which
// usually takes half a second, or ctx ends. It keeps its data in dir, which is made if
// it is missing, and listens on unix sockets in there and on no port; where their paths would be too long
// for the system, in a new folder for temporary files. Who may enter the folder
// may do everything, which is its owner alone.
//
// It fails if another process has it started in dir.
func Embedded(ctx context.Context, dir string, logger *slog.Logger) (*Member, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	sockets := filepath.Join(dir, "sockets")
	if !usable(sockets) {
		if sockets, err = os.MkdirTemp("", "justchat-"); err != nil {
			return nil, err
		}
		if !usable(sockets) {
			return nil, fmt.Errorf("neither %s nor %s can hold the registry's sockets: their paths are over %d bytes or have unusual characters; give a shorter data folder", dir, sockets, longestSocket)
		}
	}
	if err := os.MkdirAll(sockets, 0o700); err != nil {
		return nil, err
	}
	client, peer := socket(sockets, "client"), socket(sockets, "peer")
	if line, err := net.Dial("unix", client.Path); err == nil {
		line.Close()
		return nil, fmt.Errorf("the registry in %s is running already, in another process: stop that, or use another data folder", dir)
	}
	c, log := baseConfig(dir, logger)
	c.Name = "embedded"
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	m, err := start(c, log, Config{Endpoints: []string{client.String()}, Logger: logger}, sockets)
	if err != nil {
		return nil, fmt.Errorf("the registry in %s: %w", dir, err)
	}
	select {
	case <-m.Ready():
		return m, nil
	case err = <-m.etcd.Err():
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return nil, errors.Join(fmt.Errorf("the registry in %s is not ready: %w", dir, err), m.Close())
}

// usable reports whether sockets in a folder can be listened on.
func usable(folder string) bool {
	return len(socket(folder, "client").Path) <= longestSocket && plain.MatchString(folder)
}

func socket(folder, name string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(folder, name+".sock")}
}
