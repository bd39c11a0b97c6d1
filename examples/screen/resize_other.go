//go:build !unix

package screen

// resizes stands for what this system cannot tell: the window keeps its first size.
type resizes struct{}

func watchResizes(func()) *resizes { return nil }

func (*resizes) Stop() {}
