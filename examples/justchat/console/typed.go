package console

import "sync"

// typed hands over what the screen reads, one line at each Next, so that no line is read while another is
// obeyed.
type typed struct {
	Next func() // asks for a line; the one before was taken
	Stop func() // no more lines are wanted

	lines chan typedLine
}

// typedLine is one line of input, or why there is none.
type typedLine struct {
	text string
	err  error
}

// startReading starts the goroutine that reads the screen. It belongs to Run, which stops it, but
// cannot wait for a Read that blocks.
func (c *console) startReading() *typed {
	wanted := make(chan struct{}, 1)
	t := &typed{
		Next:  func() { wanted <- struct{}{} },
		Stop:  sync.OnceFunc(func() { close(wanted) }),
		lines: make(chan typedLine, 1),
	}
	go func() {
		defer c.restore()
		for range wanted {
			text, err := c.screen.ReadLine()
			t.lines <- typedLine{text, err} // at most one was asked for, and it has room
		}
	}()
	return t
}
