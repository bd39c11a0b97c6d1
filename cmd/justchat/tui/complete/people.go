package complete

import (
	"slices"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
)

// A People is whom names can be completed to: first who spoke last, then who else is here. The zero value is nobody.
type People struct {
	names  []string
	spoken int // how many of names have spoken, or were spoken to
}

// Names returns the names, printable, in the order in which they are offered. They are the People's, and stay as they are until
// another method is called.
func (p *People) Names() []string { return p.names }

// keptSpoken is how many of those that spoke are remembered though they may have left.
const keptSpoken = 100

// Spoke notes who said something, unless it was this user, and returns whether that is somebody new.
func (p *People) Spoke(m *client.Message) (isNew bool) {
	if m.Own {
		return false
	}
	isNew = !slices.Contains(p.names, m.From)
	p.Met(m.From)
	return isNew
}

// Met puts a name first: that of who spoke, or was spoken to. It is printable.
func (p *People) Met(name string) {
	switch i := slices.Index(p.names, name); {
	case i == 0 && p.spoken > 0:
		return
	case i >= 0:
		p.names = slices.Delete(p.names, i, i+1)
		if i >= p.spoken {
			p.spoken++
		}
	default:
		p.spoken++
	}
	p.names = slices.Insert(p.names, 0, name)
	if p.spoken > keptSpoken {
		p.names = slices.Delete(p.names, keptSpoken, p.spoken)
		p.spoken = keptSpoken
	}
}

// Here notes who is here, by names that need not be printable. Who has spoken and left is forgotten.
func (p *People) Here(users []string) {
	var all []string
	for _, name := range p.names[:p.spoken] {
		if slices.Contains(users, name) {
			all = append(all, name)
		}
	}
	p.spoken = len(all)
	for _, user := range users {
		if user = names.Printable(user, false); !slices.Contains(all[:p.spoken], user) {
			all = append(all, user)
		}
	}
	p.names = all
}
