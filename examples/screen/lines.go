package screen

import "sync"

// Lines hands over what a screen reads, one line at each Next, so that no line is asked for while another is
// obeyed.
type Lines struct {
	Next func() // asks for a line; the one before was taken
	Stop func() // no more lines are wanted
	C    <-chan Line
}

// A Line is one line of input, or why there is none.
type Line struct {
	Text string
	Err  error
}

// Read starts the goroutine that reads a screen. It belongs to the caller, who stops it, but cannot wait for a
// Read that blocks. It calls restore, deferred, as it ends: also when it panics.
func Read(s Screen, restore func()) *Lines {
	wanted := make(chan struct{}, 1)
	lines := make(chan Line, 1)
	go func() {
		defer restore()
		for range wanted {
			text, err := s.ReadLine()
			lines <- Line{text, err} // at most one was asked for, and it has room
		}
	}()
	return &Lines{
		Next: func() { wanted <- struct{}{} },
		Stop: sync.OnceFunc(func() { close(wanted) }),
		C:    lines,
	}
}
