//go:build unix

package screen

import (
	"os"
	"os/signal"
	"syscall"
)

// resizes calls a function whenever the terminal's window changes its size.
type resizes struct{ signals, done chan os.Signal }

// watchResizes starts a goroutine that Stop ends and waits for.
func watchResizes(fit func()) *resizes {
	r := &resizes{signals: make(chan os.Signal, 1), done: make(chan os.Signal)}
	signal.Notify(r.signals, syscall.SIGWINCH)
	go func() {
		defer close(r.done)
		for range r.signals {
			fit()
		}
	}()
	return r
}

func (r *resizes) Stop() {
	signal.Stop(r.signals)
	close(r.signals)
	<-r.done
}
