package registry

import (
	"context"
	"encoding"
	"errors"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// encode returns the bytes of a value of generated code, which cannot fail.
func encode(value encoding.BinaryMarshaler) []byte {
	encoded, err := value.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return encoded
}

// encodeUser leaves out whether she is here, which the registry does not know.
func encodeUser(user loadbalancer.User) []byte {
	user.Here = false
	return encode(user)
}

func userKey(name string) string { return usersPrefix + names.Skeleton(name) }

// refused returns what a caller is told, with what was not possible.
func (d *Directory) refused(what string, err error) error {
	if errors.Is(d.answered(err), ErrNoQuorum) {
		return &justchat.NoQuorum{What: what}
	}
	return err
}

// SignUp adds a user. It fails with a *loadbalancer.NameTaken if there is one of
// the name or of one that is taken for it, of several at once all but one; or with a *justchat.NoQuorum.
func (d *Directory) SignUp(ctx context.Context, user loadbalancer.User) error {
	key, value := userKey(user.State.User), encodeUser(user)
	revision, err := d.registry.Create(ctx, key, value, nil)
	if errors.Is(err, ErrExists) {
		d.answered(nil)
		return &loadbalancer.NameTaken{User: user.State.User}
	}
	if err != nil {
		return d.refused("signing up", err)
	}
	d.answered(nil)
	d.written(Change{Entry: Entry{key, value, revision}})
	return nil
}

// UpdateUser has change applied to the user as the registry has her, and again
// if somebody else was faster. Her name stays. It fails with a *loadbalancer.UnknownUser or a
// *justchat.NoQuorum.
func (d *Directory) UpdateUser(ctx context.Context, name string, change func(*loadbalancer.User)) error {
	const what = "changing a user"
	key := userKey(name)
	for {
		entry, err := d.registry.Get(ctx, key)
		if errors.Is(err, ErrNotFound) {
			d.answered(nil)
			return &loadbalancer.UnknownUser{User: name}
		}
		if err != nil {
			return d.refused(what, err)
		}
		user, err := d.users.read(entry.Value)
		if err != nil {
			return err
		}
		kept := user.State.User
		change(&user)
		user.State.User = kept
		if done, err := d.replace(ctx, entry, encodeUser(user), what); done {
			return err
		}
	}
}

// replace writes a new value, and returns false if somebody else was faster.
func (d *Directory) replace(ctx context.Context, entry Entry, value []byte, what string) (done bool, err error) {
	revision, err := d.registry.Replace(ctx, entry.Key, entry.Revision, value, nil)
	if errors.Is(err, ErrChanged) {
		return false, nil
	}
	if err != nil {
		return true, d.refused(what, err)
	}
	d.answered(nil)
	d.written(Change{Entry: Entry{entry.Key, value, revision}})
	return true, nil
}

// RemoveUser removes a user, whose name is then free. It fails with a
// *loadbalancer.UnknownUser or a *justchat.NoQuorum.
func (d *Directory) RemoveUser(ctx context.Context, name string) error {
	key := userKey(name)
	revision, err := d.registry.Delete(ctx, key, 0)
	if errors.Is(err, ErrNotFound) {
		d.answered(nil)
		return &loadbalancer.UnknownUser{User: name}
	}
	if err != nil {
		return d.refused("removing a user", err)
	}
	d.answered(nil)
	d.written(Change{Entry{Key: key, Revision: revision}, true})
	return nil
}
