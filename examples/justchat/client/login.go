package client

import (
	"cmp"
	"errors"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// A credentials is what we come in with. Only Run's goroutine has it.
type credentials struct {
	password string
	signUp   bool
	attempts int // passwords that were wrong
	noQuorum int // load balancers in a row that could not sign us up
}

// setup is who wants to come in.
func (c *Client) setup(mine *credentials) lbapi.NewClientSetup {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := lbapi.NewClientSetup{User: cmp.Or(c.name, c.User), Token: c.token, Client: c.Key.Client}
	if s.Token == nil {
		s.Password, s.SignUp = mine.password, mine.signUp
	}
	if c.listener != nil {
		s.Port = c.listener.port
	}
	if c.current != nil {
		s.Server = c.current.order.Name
	}
	return s
}

// amend sees to it that the next attempt at the same load balancer has better chances, and says whether there
// are any.
func (c *Client) amend(mine *credentials, err error) (again bool, problem error) {
	var (
		unknown *lbapi.UnknownUser
		wrong   *lbapi.WrongPassword
		expired *justchat.BadToken
		fast    *justchat.TooFast
	)
	switch {
	case errors.As(err, &unknown) && !mine.signUp && !c.wasIn():
		mine.password, problem = c.Password(c.ctx, unknown)
		mine.signUp = true
		return true, problem
	case errors.As(err, &wrong):
		if mine.attempts++; mine.attempts >= c.Limits.Attempts {
			return false, wrong
		}
		mine.password, problem = c.Password(c.ctx, wrong)
		return true, problem
	case errors.As(err, &expired) && c.hasToken():
		c.forgetToken()
		return true, nil
	case errors.As(err, &fast):
		c.noBalancer("", fast)
		c.pause(min(max(fast.Wait, minPause), time.Minute))
		return true, nil
	}
	return false, nil
}

func (c *Client) hasToken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token != nil
}

// wasIn reports whether some load balancer has let us in before.
func (c *Client) wasIn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.name != ""
}

func (c *Client) forgetToken() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = nil
}

// A refusal is an error that ends the client.
type refusal struct{ reason error }

func (r *refusal) Error() string { return r.reason.Error() }

// hopeless returns what there is to tell the person if another load balancer would not let her in either, or nil.
func (c *Client) hopeless(mine *credentials, err error) error {
	var (
		refused *refusal
		unknown *lbapi.UnknownUser
		bad     *lbapi.BadName
		taken   *lbapi.NameTaken
		banned  *justchat.Banned
		quorum  *justchat.NoQuorum
		wrong   *WrongCluster
	)
	if !errors.As(err, &quorum) || !mine.signUp {
		mine.noQuorum = 0
	} else if mine.noQuorum++; mine.noQuorum >= len(c.LoadBalancers) {
		return quorum // a login would wait for it
	}
	switch {
	case errors.As(err, &refused):
		return refused.reason
	case errors.As(err, &banned):
		return banned
	case errors.As(err, &unknown):
		return unknown
	case errors.As(err, &bad):
		return bad
	case errors.As(err, &taken):
		return taken
	case errors.As(err, &wrong):
		if !c.wasIn() {
			return wrong
		}
		c.Logger.Error("a load balancer is not of this cluster", "reason", wrong)
	case isFinal(err) && !c.wasIn():
		return err
	}
	return nil
}
