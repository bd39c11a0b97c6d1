package tui

import "fmt"

// trim forgets entries where there are more than are kept: the oldest ones, which history has. While somebody reads, twice
// as many are kept; what is being read is not forgotten, but what lies between it and the newest, and a gap says so.
func (s *scroll) trim() {
	if s.following {
		if excess := s.excess(1); excess > 0 {
			s.dropFirst(excess)
		}
		return
	}
	excess := s.excess(2)
	if excess == 0 {
		return
	}
	if s.top > len(s.entries)/2 {
		s.dropFirst(min(excess, s.top))
		return
	}
	from := max(s.top+s.height+1, len(s.entries)/2)
	s.leaveOut(from, min(from+excess, len(s.entries)-1))
}

// excess returns how many entries are to go for the others to be so many times what is kept, and some fewer, so that this
// happens rarely; or 0 if they already are.
func (s *scroll) excess(times int) int {
	count, bytes := len(s.entries)-times*keptEntries, s.bytes-times*keptBytes
	if count <= 0 && bytes <= 0 {
		return 0
	}
	n := max(count, 0)
	for _, e := range s.entries[:n] {
		bytes -= e.size()
	}
	for ; bytes > 0 && n < len(s.entries)-1; n++ {
		bytes -= s.entries[n].size()
	}
	return min(n+keptEntries/20, len(s.entries)-1)
}

// dropFirst forgets the first n entries.
func (s *scroll) dropFirst(n int) {
	for _, e := range s.entries[:n] {
		s.bytes -= e.size()
		if e == s.unread {
			s.unread = nil
		}
	}
	s.entries = append([]*entry(nil), s.entries[n:]...)
	s.top = max(s.top-n, 0)
	s.began, s.before = true, nil
}

// leaveOut puts a gap in place of entries.
func (s *scroll) leaveOut(from, to int) {
	if from >= to {
		return
	}
	left := &entry{kind: gap}
	for _, e := range s.entries[from:to] {
		s.bytes -= e.size()
		left.left += e.left
		if e.message != nil {
			left.left++
		}
		if e == s.unread {
			s.unread = nil
		}
	}
	if above := s.entries[from-1]; above.kind == gap {
		left.left += above.left
		s.bytes -= above.size()
		from--
	}
	left.text = fmt.Sprintf("%d messages are left out here; End, and PgUp, have them again", left.left)
	s.bytes += left.size()
	rest := append([]*entry{left}, s.entries[to:]...)
	s.entries = append(s.entries[:from:from], rest...)
}
