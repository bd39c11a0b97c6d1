package messagelog

import (
	"iter"
	"slices"
)

// chunkSize is how many elements lie together.
const chunkSize = 512

// A sorted holds elements in order, mostly in the order in which they come. An insertion
// in the middle moves at most chunkSize elements, and the chunks' headers.
type sorted[T any] struct {
	compare func(a, b T) int
	chunks  [][]T // none is empty
	count   int
}

// search returns where the first element is that does not come before, by order, which is
// as of slices.BinarySearchFunc: the chunk, and the place in it, which may be the end of
// the last chunk. found says that it compares equal.
func (s *sorted[T]) search(order func(T) int) (chunk, at int, found bool) {
	by := func(x T, _ struct{}) int { return order(x) }
	chunk, _ = slices.BinarySearchFunc(s.chunks, struct{}{}, func(c []T, _ struct{}) int { return order(c[len(c)-1]) })
	if chunk == len(s.chunks) {
		if chunk == 0 {
			return 0, 0, false
		}
		chunk--
		return chunk, len(s.chunks[chunk]), false
	}
	at, found = slices.BinarySearchFunc(s.chunks[chunk], struct{}{}, by)
	return chunk, at, found
}

// to is the order that searches x.
func (s *sorted[T]) to(x T) func(T) int {
	return func(e T) int { return s.compare(e, x) }
}

// find returns the element that compares equal to x.
func (s *sorted[T]) find(x T) (T, bool) {
	chunk, at, found := s.search(s.to(x))
	if !found {
		var none T
		return none, false
	}
	return s.chunks[chunk][at], true
}

// insert adds x, unless one like it is there.
func (s *sorted[T]) insert(x T) bool {
	if s.count == 0 || s.compare(s.last(), x) < 0 {
		s.push(x)
		return true
	}
	chunk, at, found := s.search(s.to(x))
	if found {
		return false
	}
	s.count++
	c := s.chunks[chunk]
	if len(c) == chunkSize {
		const half = chunkSize / 2
		s.chunks = slices.Insert(s.chunks, chunk+1, append(make([]T, 0, chunkSize), c[half:]...))
		s.chunks[chunk] = c[:half]
		if at > half {
			chunk, at = chunk+1, at-half
		}
	}
	s.chunks[chunk] = slices.Insert(s.chunks[chunk], at, x)
	return true
}

// push adds x, which is above all others.
func (s *sorted[T]) push(x T) {
	s.count++
	last := len(s.chunks) - 1
	switch {
	case last < 0:
		s.chunks = [][]T{{x}}
	case len(s.chunks[last]) < chunkSize:
		s.chunks[last] = append(s.chunks[last], x)
	default:
		s.chunks = append(s.chunks, append(make([]T, 0, chunkSize), x))
	}
}

// first returns the lowest element; there must be one.
func (s *sorted[T]) first() T { return s.chunks[0][0] }

// last returns the highest element; there must be one.
func (s *sorted[T]) last() T {
	c := s.chunks[len(s.chunks)-1]
	return c[len(c)-1]
}

// from yields what does not come before, by order, rising.
func (s *sorted[T]) from(order func(T) int) iter.Seq[T] {
	return func(yield func(T) bool) {
		chunk, at, _ := s.search(order)
		for ; chunk < len(s.chunks); chunk++ {
			for _, e := range s.chunks[chunk][at:] {
				if !yield(e) {
					return
				}
			}
			at = 0
		}
	}
}

// before yields what comes before, by order, falling.
func (s *sorted[T]) before(order func(T) int) iter.Seq[T] {
	chunk, at, _ := s.search(order)
	return s.backward(chunk, at)
}

// falling yields all, the highest first.
func (s *sorted[T]) falling() iter.Seq[T] {
	return s.before(func(T) int { return -1 })
}

func (s *sorted[T]) backward(chunk, at int) iter.Seq[T] {
	return func(yield func(T) bool) {
		if len(s.chunks) == 0 {
			return
		}
		for {
			for at--; at >= 0; at-- {
				if !yield(s.chunks[chunk][at]) {
					return
				}
			}
			if chunk--; chunk < 0 {
				return
			}
			at = len(s.chunks[chunk])
		}
	}
}

// filtered returns those that keep says, in chunks of their own that are full.
func (s *sorted[T]) filtered(keep func(T) bool) sorted[T] {
	kept := sorted[T]{compare: s.compare}
	for _, c := range s.chunks {
		for _, x := range c {
			if keep(x) {
				kept.push(x)
			}
		}
	}
	return kept
}
