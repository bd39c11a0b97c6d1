package loadbalancer

import (
	"context"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

const (
	maxName     = 256 // bytes of a name that is looked at at all
	clientBytes = 16  // of the id of a client process

	newsTakes = 500 * time.Millisecond // at most, from one load balancer to another by the registry, as a rule
)

var errPassword = runtime.NewError(runtime.CodeInvalidArgument, identity.ErrPassword.Error())

// line returns what a stranger has sent as it may stand in a log or an error.
func line(text string) string { return names.Printable(text[:min(len(text), maxName)], false) }

// login returns the name of the user as whom a client may come in. Errors are those that
// JoinChatService declares, or say what is wrong with setup.
func (lb *LoadBalancer) login(ctx context.Context, peer identity.Peer, setup api.NewClientSetup) (user string, err error) {
	switch {
	case len(setup.Client) != clientBytes || len(peer.Key) == 0:
		return "", runtime.NewError(runtime.CodeInvalidArgument, "a client has 16 bytes of its own, and a key")
	case len(setup.Token) == 0 && setup.Password == "" || len(setup.Password) > identity.LongestPassword:
		return "", errPassword
	case len(setup.Token) > 0:
		user, err = lb.byToken(ctx, peer, setup)
	default:
		user, err = lb.byPassword(ctx, peer, setup)
	}
	if err == nil {
		err = lb.welcome(user)
	}
	if err == nil {
		lb.count.logins.Add(1)
	} else {
		lb.count.refused.Add(1)
	}
	return user, err
}

// welcome says whether a user may be in, who has proved who she is. While it is not known for sure who is
// signed up, a token speaks for itself.
func (lb *LoadBalancer) welcome(name string) error {
	user, known := lb.directory.User(name)
	switch {
	case known && user.State.Banned:
		return &justchat.Banned{User: user.State.User}
	case !known && lb.isInformed() && lb.directory.Quorum():
		return &api.UnknownUser{User: name}
	}
	return nil
}

// awaitUser waits a moment for news of a user who has a token and is not known: she may have signed up just now, by
// another load balancer.
func (lb *LoadBalancer) awaitUser(ctx context.Context, name string) {
	deadline := time.NewTimer(newsTakes)
	defer deadline.Stop()
	tick := time.NewTicker(newsTakes / 50)
	defer tick.Stop()
	for lb.welcome(name) != nil {
		if user, known := lb.directory.User(name); known && user.State.Banned {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (lb *LoadBalancer) isInformed() bool {
	select {
	case <-lb.informed:
		return true
	default:
		return false
	}
}

// byToken returns whom a token lets in.
func (lb *LoadBalancer) byToken(ctx context.Context, peer identity.Peer, setup api.NewClientSetup) (string, error) {
	claims, err := lb.authority.CheckToken(setup.Token, time.Now(), lb.limits.Leeway)
	if err != nil {
		return "", err
	}
	if !claims.Key.Equal(peer.Key) {
		return "", &justchat.BadToken{Reason: "it was granted to another client"}
	}
	if setup.User != "" && (len(setup.User) > maxName || names.Skeleton(setup.User) != names.Skeleton(claims.User)) {
		return "", &justchat.BadToken{Reason: "it was granted to another user"}
	}
	lb.awaitUser(ctx, claims.User)
	user, known := lb.directory.User(claims.User)
	lb.mutex.Lock()
	changed := lb.changed[claims.User]
	lb.mutex.Unlock()
	switch {
	case known && claims.Granted.Before(user.Signed.Add(-lb.limits.Leeway)):
		return "", &justchat.BadToken{Reason: "it was granted to somebody who had the name before"}
	case claims.Granted.Before(changed):
		return "", &justchat.BadToken{Reason: "the password has changed"}
	}
	return claims.User, nil
}

// byPassword returns whom a password lets in, or signs up who is new.
func (lb *LoadBalancer) byPassword(ctx context.Context, peer identity.Peer, setup api.NewClientSetup) (string, error) {
	if len(setup.User) > maxName {
		return "", &api.BadName{User: line(setup.User), Reason: "it is too long"}
	}
	name, err := names.Check(setup.User)
	if err != nil {
		return "", &api.BadName{User: line(setup.User), Reason: err.Error()}
	}
	select {
	case lb.logins <- struct{}{}:
		defer func() { <-lb.logins }()
	default:
		return "", &justchat.TooFast{What: "logins", Wait: time.Second}
	}
	if err := lb.awaitUsers(ctx); err != nil {
		return "", err
	}
	// A try waits for one of the same name before one of the same address, never the other way about.
	endName, err := lb.names.begin(ctx, names.Skeleton(name))
	if err != nil {
		return "", err
	}
	endAddress, err := lb.addresses.begin(ctx, network(peer.Host))
	if err != nil {
		endName(false)
		return "", err
	}
	user, guessed, err := lb.checkPassword(ctx, name, setup)
	endAddress(guessed)
	endName(guessed)
	return user, err
}

// awaitUsers waits for a while until it is known who is signed up.
func (lb *LoadBalancer) awaitUsers(ctx context.Context) error {
	patience := time.NewTimer(lb.limits.Patience)
	defer patience.Stop()
	select {
	case <-lb.informed:
		return nil
	case <-patience.C:
		return &justchat.NoQuorum{What: "a login"}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// checkPassword returns the user of that name, if it is her password. Guessed says that it was another's.
//
// Whether a name is signed up is no secret: who is new has to be told. So an unknown name
// is answered at once. That a user is banned hears only who knows her password.
func (lb *LoadBalancer) checkPassword(ctx context.Context, name string, setup api.NewClientSetup) (user string, guessed bool, err error) {
	known, ok := lb.directory.User(name)
	switch {
	case !ok && setup.SignUp:
		return name, false, lb.signUp(ctx, name, setup.Password)
	case !ok:
		return "", false, &api.UnknownUser{User: name}
	}
	right, err := lb.config.Hasher.Check(ctx, known.Hash, setup.Password)
	switch {
	case err != nil:
		return "", false, err
	case right:
		return known.State.User, false, nil
	case setup.SignUp:
		return "", true, &api.NameTaken{User: name}
	}
	lb.count.failed.Add(1)
	return "", true, &api.WrongPassword{User: name}
}

// signUp has the registry take a new user.
func (lb *LoadBalancer) signUp(ctx context.Context, name, password string) error {
	hash, err := lb.config.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	user := api.User{State: justchat.UserState{User: name}, Hash: hash, Signed: time.Now()}
	if err := lb.directory.SignUp(ctx, user); err != nil {
		return err
	}
	lb.count.signUps.Add(1)
	return nil
}
