package causal

import "slices"

// Four kinds of container/heap, each by what comes first.

// heads are the first items of lanes, by the room's order.
type heads []*item

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return Less(h[i].record, h[j].record) }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(*item)) }
func (h *heads) Pop() any          { return pop((*[]*item)(h)) }

// deadlines are items by when their patience ends.
type deadlines []*item

func (h deadlines) Len() int           { return len(h) }
func (h deadlines) Less(i, j int) bool { return h[i].deadline.Before(h[j].deadline) }
func (h deadlines) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *deadlines) Push(x any)        { *h = append(*h, x.(*item)) }
func (h *deadlines) Pop() any          { return pop((*[]*item)(h)) }

// A wait is an item that waits for a number of a lane.
type wait struct {
	number uint64
	item   *item
}

type waits []wait

func (h waits) Len() int           { return len(h) }
func (h waits) Less(i, j int) bool { return h[i].number < h[j].number }
func (h waits) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *waits) Push(x any)        { *h = append(*h, x.(wait)) }
func (h *waits) Pop() any          { return pop((*[]wait)(h)) }

type numbers []uint64

func (h numbers) Len() int           { return len(h) }
func (h numbers) Less(i, j int) bool { return h[i] < h[j] }
func (h numbers) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *numbers) Push(x any)        { *h = append(*h, x.(uint64)) }
func (h *numbers) Pop() any          { return pop((*[]uint64)(h)) }

// pop takes the last of s, and lets go of it.
func pop[T any](s *[]T) T {
	last := len(*s) - 1
	x := (*s)[last]
	*s = slices.Delete(*s, last, last+1)
	return x
}
