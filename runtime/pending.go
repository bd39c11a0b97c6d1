package runtime

import "sync"

// A pending counts what is under way. Unlike with a sync.WaitGroup, the first may begin while
// somebody waits, as when a server's last listener ends while another begins. The zero value
// counts none.
type pending struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when n is next 0; nil if nobody waits
}

func (p *pending) add() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
}

func (p *pending) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n--; p.n == 0 && p.none != nil {
		close(p.none)
		p.none = nil
	}
}

// wait returns when none was under way for a moment.
func (p *pending) wait() {
	p.mu.Lock()
	if p.n == 0 {
		p.mu.Unlock()
		return
	}
	if p.none == nil {
		p.none = make(chan struct{})
	}
	none := p.none
	p.mu.Unlock()
	<-none
}
