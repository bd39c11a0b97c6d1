package tui

import (
	"slices"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
)

// A people is whom names can be completed to: first who spoke last, then who else is here.
type people struct {
	names  []string
	spoken int // how many of names have spoken, or were spoken to
}

// keptSpoken is how many of those that spoke are remembered though they may have left.
const keptSpoken = 100

// spoke notes who said something, and returns whether that is somebody new.
func (p *people) spoke(m *client.Message) (isNew bool) {
	if m.Own {
		return false
	}
	isNew = !slices.Contains(p.names, m.From)
	p.met(m.From)
	return isNew
}

// met puts a name first.
func (p *people) met(name string) {
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

// here notes who is here. Who has spoken and left is forgotten.
func (p *people) here(users []string) {
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
