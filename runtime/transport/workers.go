package transport

import "sync"

// maxIdle is how many goroutines a Workers keeps that have nothing to do.
const maxIdle = 1024

// Workers are goroutines that run handlers, for any number of sessions. One that is done
// is kept, its stack grown, and is the first to be used again. There are as many as calls
// are being handled, which each session bounds. A Workers is made by NewWorkers.
type Workers struct {
	all sync.WaitGroup // the goroutines: Close waits

	mu     sync.Mutex
	idle   []*worker
	closed bool
}

type worker struct{ task chan *call } // capacity 1; closed when no other will come

// NewWorkers returns workers of which none runs yet.
func NewWorkers() *Workers { return new(Workers) }

// Close waits until no handler runs. It is called after the sessions that use the workers
// were closed, which ends their handlers' contexts. What comes later is not handled.
func (w *Workers) Close() {
	w.close()
	w.all.Wait()
}

func (w *Workers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, idle := range w.idle {
		close(idle.task)
	}
	w.idle = nil
}

// start has each of the calls handled. It does not wait.
func (w *Workers) start(calls []*call) {
	if len(calls) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range calls {
		if w.closed {
			return
		}
		w.next().task <- c // has room
	}
}

// next returns a worker with nothing to do.
func (w *Workers) next() *worker {
	if last := len(w.idle) - 1; last >= 0 {
		next := w.idle[last]
		w.idle = w.idle[:last]
		return next
	}
	fresh := &worker{task: make(chan *call, 1)}
	w.all.Go(func() { w.run(fresh) }) // Close waits
	return fresh
}

func (w *Workers) run(me *worker) {
	for c := range me.task {
		c.serve()
		if !w.park(me) {
			return
		}
	}
}

// park keeps me for later, or says that I am not needed.
func (w *Workers) park(me *worker) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.idle) >= maxIdle {
		return false
	}
	w.idle = append(w.idle, me)
	return true
}
