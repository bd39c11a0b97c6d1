package loadbalancer

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// adminService is what operators call.
type adminService struct{ lb *LoadBalancer }

var _ api.AdminService = adminService{}

// Status returns the cluster as this load balancer sees it, servers by name.
func (s adminService) Status(context.Context) (api.Status, error) {
	lb := s.lb
	files, bytes := lb.countFiles()
	status := api.Status{
		LoadBalancer:  lb.config.Address,
		LoadBalancers: lb.directory.LoadBalancers(),
		Users:         uint32(len(lb.directory.Users())),
		Files:         uint32(files),
		FileBytes:     bytes,
		Quorum:        lb.directory.Quorum(),
	}
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	status.Clients = uint32(lb.presence.clients)
	for name, m := range lb.servers {
		heard, _ := lb.monitor.Status(name)
		status.Servers = append(status.Servers, api.ServerStatus{
			Node:      m.node,
			Alive:     m.state != dead,
			Draining:  m.state == draining,
			Clients:   uint32(lb.presence.load[name]),
			RoundTrip: heard.RoundTrip,
		})
	}
	slices.SortFunc(status.Servers, func(a, b api.ServerStatus) int { return strings.Compare(a.Node.Name, b.Node.Name) })
	return status, nil
}

// ListUsers returns all users, by name, without their hashes.
func (s adminService) ListUsers(context.Context) ([]api.User, error) {
	users := s.lb.directory.Users()
	s.lb.mutex.Lock()
	defer s.lb.mutex.Unlock()
	for i, user := range users {
		users[i].Hash = ""
		users[i].Here = len(s.lb.presence.users[user.State.User]) > 0
	}
	return users, nil
}

// user returns a user who is signed up.
func (s adminService) user(name string) (api.User, error) {
	if len(name) <= maxName {
		if user, ok := s.lb.directory.User(name); ok {
			return user, nil
		}
	}
	return api.User{}, &api.UnknownUser{User: line(name)}
}

// RemoveUser forgets a user. Her clients are cut off when the registry says so, by every
// load balancer.
func (s adminService) RemoveUser(ctx context.Context, name string) error {
	user, err := s.user(name)
	if err != nil {
		return err
	}
	return s.lb.directory.RemoveUser(ctx, user.State.User)
}

// SetPassword gives a user another password. Her clients are cut off, and tokens of before let nobody in.
func (s adminService) SetPassword(ctx context.Context, name, password string) error {
	user, err := s.user(name)
	if err != nil {
		return err
	}
	if password == "" || len(password) > identity.LongestPassword {
		return errPassword
	}
	hash, err := s.lb.config.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.lb.directory.UpdateUser(ctx, user.State.User, func(u *api.User) { u.Hash = hash })
}

// Moderate mutes a user, bans her, or takes either back: the state is what is so from now on.
func (s adminService) Moderate(ctx context.Context, state justchat.UserState) error {
	user, err := s.user(state.User)
	if err != nil {
		return err
	}
	return s.lb.directory.UpdateUser(ctx, user.State.User, func(u *api.User) {
		u.State.Muted, u.State.Banned = state.Muted, state.Banned
	})
}

// ListFiles returns the public files, by name.
func (s adminService) ListFiles(context.Context) iter.Seq2[justchat.File, error] {
	return s.lb.yieldFiles
}

// RemoveFile removes a public file, whoever owns it.
func (s adminService) RemoveFile(ctx context.Context, name string) error {
	return s.lb.removeFile(ctx, name, "")
}
