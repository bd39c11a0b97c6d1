package client

import "sync"

// typed hands over what the console reads, one line at each Next, so that no
// prompt is drawn while a command is being obeyed.
type typed struct {
	Next func() // asks for a line
	Stop func() // no more lines are wanted

	lines chan line
}

// line is one line of input, or why there is none.
type line struct {
	text string
	err  error
}

// startReading starts the goroutine that reads the console. It belongs to
// Client.Run, which stops it, but cannot wait for a Read that blocks.
func (c *Client) startReading() *typed {
	wanted := make(chan struct{}, 1)
	t := &typed{
		Next:  func() { wanted <- struct{}{} },
		Stop:  sync.OnceFunc(func() { close(wanted) }),
		lines: make(chan line, 1),
	}
	go func() {
		defer c.restore()
		for range wanted {
			text, err := c.console.ReadLine()
			t.lines <- line{text, err} // at most one was asked for, and it has room
		}
	}()
	return t
}
