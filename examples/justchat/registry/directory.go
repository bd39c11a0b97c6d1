package registry

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// The prefixes of the keys, as the package doc has them.
const (
	usersPrefix     = "users/"
	filesPrefix     = "files/"
	serversPrefix   = "servers/"
	balancersPrefix = "loadbalancers/"
)

// A Directory is a Registry as a load balancer uses it. What it reads it reads
// from its cache, which goes on answering while the Registry does not; what it
// writes goes to the Registry and then into the cache. Its methods may be called
// at once.
//
// A write that the Registry cannot decide fails with a *justchat.NoQuorum. It may yet
// be made: a sign-up that failed so may find its own name taken the next time.
type Directory struct {
	registry Registry
	events   Events
	logger   *slog.Logger
	ready    chan struct{}
	living   context.Context // ends with Close
	close    context.CancelFunc
	running  sync.WaitGroup // Close waits for it

	mutex     sync.Mutex
	quorum    bool
	position  int64 // the revision up to which the watch has told everything
	users     *table[loadbalancer.User]
	files     *table[justchat.File]
	servers   *table[justchat.ServerNode]
	balancers *table[string]
	own       map[string]*announcement       // by key: what this process announces
	here      map[string]justchat.ServerNode // by key: the servers that were announced here, until they are forgotten
	visible   map[string]justchat.ServerNode // by key: what Servers returns
	binding   map[string]justchat.File       // by key: the files whose names are being created here
	relist    func(error)                    // breaks the watch
	news      *news
}

// Events are told of what changed, one at a time, in order: a user before
// another one that came later. Of several changes to one user or server the last may be all that
// is told. Nil is nobody. They may call the Directory, but not its Close.
type Events struct {
	Server func(node justchat.ServerNode, removed bool)
	User   func(user loadbalancer.User, removed bool)
}

// Open begins to fill the cache. It returns at once; Ready is closed when the
// cache is complete. The Registry stays the caller's, to be closed after the Directory.
func Open(r Registry, events Events, logger *slog.Logger) *Directory {
	ctx, cancel := context.WithCancel(context.Background())
	d := &Directory{
		registry: r,
		events:   events,
		logger:   logger,
		ready:    make(chan struct{}),
		living:   ctx,
		close:    cancel,
		own:      make(map[string]*announcement),
		here:     make(map[string]justchat.ServerNode),
		visible:  make(map[string]justchat.ServerNode),
		binding:  make(map[string]justchat.File),
		news:     newNews(),
		relist:   func(error) {},
	}
	d.users = newTable(usersPrefix, reader[loadbalancer.User](), d.userChanged)
	d.files = newTable(filesPrefix, reader[justchat.File](), func(string, justchat.File, bool) {})
	d.servers = newTable(serversPrefix, reader[justchat.ServerNode](), d.serverChanged)
	d.balancers = newTable(balancersPrefix, readAddress, d.balancerChanged)
	d.running.Go(d.follow)
	d.running.Go(d.probe)
	d.running.Go(func() { d.news.tell(ctx) })
	return d
}

func readAddress(encoded []byte) (string, error) { return string(encoded), nil }

// Close stops the Directory and abandons its leases: what is announced and was not
// released is so for the rest of a lease, in which another Directory may take it over. It waits for an
// event that is being told.
func (d *Directory) Close() error {
	d.mutex.Lock()
	d.close()
	d.mutex.Unlock()
	d.running.Wait()
	return nil
}

// Ready is closed once the cache has been what the registry had.
func (d *Directory) Ready() <-chan struct{} { return d.ready }

// Quorum reports whether the registry answered when it was last asked. It is
// asked every second, and given 3 to answer.
func (d *Directory) Quorum() bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.quorum
}

// answered makes of what the registry answered what Quorum reports, and returns it.
func (d *Directory) answered(err error) error {
	quorum := !errors.Is(err, ErrNoQuorum)
	if d.living.Err() != nil || quorum && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return err // the caller did not wait for the answer
	}
	d.mutex.Lock()
	was := d.quorum
	d.quorum = quorum
	d.mutex.Unlock()
	switch {
	case was && !quorum:
		d.logger.Warn("the registry has no quorum: sign-ups and new file names wait, all else goes on", "reason", err)
	case quorum && !was:
		d.logger.Info("the registry answers")
	}
	return err
}

// User returns the user of that name, or of one that is taken for it.
func (d *Directory) User(name string) (loadbalancer.User, bool) {
	key := usersPrefix + names.Skeleton(name)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.users.get(key)
}

// Users returns all users, by name. Whether they are here the Directory does not know.
func (d *Directory) Users() []loadbalancer.User {
	d.mutex.Lock()
	users := d.users.all()
	d.mutex.Unlock()
	slices.SortFunc(users, func(a, b loadbalancer.User) int { return strings.Compare(a.State.User, b.State.User) })
	return users
}

// Servers returns the servers that are announced, here or anywhere, by name.
func (d *Directory) Servers() []justchat.ServerNode {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return slices.SortedFunc(maps.Values(d.visible), func(a, b justchat.ServerNode) int { return strings.Compare(a.Name, b.Name) })
}

// LoadBalancers returns the addresses of the load balancers that have slots, by slot.
func (d *Directory) LoadBalancers() []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	slots := make(map[int]string)
	for key, r := range d.balancers.rows {
		if slot, err := slotOf(key); err == nil && !r.gone {
			slots[slot] = r.value
		}
	}
	addresses := make([]string, 0, len(slots))
	for _, slot := range slices.Sorted(maps.Keys(slots)) {
		addresses = append(addresses, slots[slot])
	}
	return addresses
}

func slotOf(key string) (int, error) { return strconv.Atoi(strings.TrimPrefix(key, balancersPrefix)) }

// Data returns what the cache knows, for another load balancer: its clients are the caller's to add.
func (d *Directory) Data() loadbalancer.CurrentData {
	return loadbalancer.CurrentData{Servers: d.Servers(), Users: d.Users(), Files: d.Files()}
}

// Fill takes what another load balancer knows, for as long as the Directory is
// not Ready. What the registry says then replaces it.
func (d *Directory) Fill(data loadbalancer.CurrentData) {
	var changes []Change // hearsay: without a revision, so that everything is newer
	for _, user := range data.Users {
		changes = append(changes, Change{Entry: Entry{Key: userKey(user.State.User), Value: encodeUser(user)}})
	}
	for _, file := range data.Files {
		changes = append(changes, Change{Entry: Entry{Key: filesPrefix + file.Name, Value: encode(file)}})
	}
	for _, node := range data.Servers {
		changes = append(changes, Change{Entry: Entry{Key: serversPrefix + node.Name, Value: encode(node)}})
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	select {
	case <-d.ready:
	default:
		for _, change := range changes {
			_ = d.apply(change, true) // what was encoded here can be read
		}
	}
}

// apply brings a change into the table that it is for. The error says that it cannot be read, and was passed
// over. The mutex is held.
func (d *Directory) apply(change Change, followed bool) error {
	return errors.Join(d.users.apply(change, followed), d.files.apply(change, followed),
		d.servers.apply(change, followed), d.balancers.apply(change, followed))
}

// warn logs what was passed over. The mutex is not held.
func (d *Directory) warn(err error) {
	if err != nil {
		d.logger.Warn(err.Error())
	}
}

// written brings into the cache what was written here, unless the watch was faster.
func (d *Directory) written(change Change) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if change.Revision > d.position {
		_ = d.apply(change, false) // what was encoded here can be read
	}
}

func (d *Directory) userChanged(key string, user loadbalancer.User, removed bool) {
	if d.events.User != nil {
		d.news.post(key, func() { d.events.User(user, removed) })
	}
}

func (d *Directory) balancerChanged(key, _ string, _ bool) { d.own[key].touch() }

func (d *Directory) serverChanged(key string, _ justchat.ServerNode, _ bool) {
	d.own[key].touch()
	d.seeServer(key)
}

// seeServer finds out what is to be seen of a server: what the registry has, or a later start, or the
// same, that was announced here. The mutex is held.
func (d *Directory) seeServer(key string) {
	node, known := d.servers.get(key)
	if here, announced := d.here[key]; announced && (!known || here.Start >= node.Start) {
		node, known = here, true
	}
	was, seen := d.visible[key]
	switch {
	case known == seen && node == was:
		return
	case known:
		d.visible[key] = node
	default:
		delete(d.visible, key)
		node = was
	}
	if d.events.Server != nil {
		d.news.post(key, func() { d.events.Server(node, !known) })
	}
}
