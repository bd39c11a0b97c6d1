// Package cases switches over enums and unions.
package cases

import (
	"encoding"
	"fmt"

	"example.test/chat/room"
	"example.test/chat/room/member"
)

func enums(role member.Role, other member.Role) string {
	switch role { // want `the switch over member.Role misses member.RoleHost: add a case for what is missing, or a default`
	case member.RoleGuest:
		return "guest"
	}
	switch role { // want `misses member.RoleGuest, member.RoleHost: add`
	}
	switch role { // want `misses member.RoleHost: add`
	case 0, member.RoleRobot:
		return "guest"
	}
	switch role { // complete: Robot is deprecated
	case member.RoleGuest, member.RoleHost:
	}
	switch role { // want `misses member.RoleGuest`
	case (1):
	}
	switch role {
	case member.RoleGuest:
	default:
	}
	switch role { // what other is, nobody can say before
	case other:
	}
	switch {
	case role == member.RoleGuest:
	}
	switch uint16(role) {
	case 0:
	}
	return ""
}

func unions(event room.Event) string {
	switch e := event.(type) { // want `the switch over room.Event misses room.EventLeft: add`
	case room.EventSaid:
		return e.Value
	case room.EventUnknown, nil:
		return ""
	}
	switch event.(type) { // want `misses room.EventSaid, room.EventLeft: add`
	}
	switch event.(type) { // want `misses room.EventSaid: add`
	case *room.EventSaid, room.EventLeft: // a decoded event is no pointer
	}
	switch event.(type) { // complete: Waved is deprecated, Unknown and nil are not of the definition
	case room.EventSaid, room.EventLeft:
	}
	switch event.(type) {
	case room.EventSaid:
	default:
	}
	switch event.(type) { // every event is one
	case encoding.BinaryAppender:
	}
	switch event.(type) { // want `misses room.EventSaid, room.EventLeft: add`
	case fmt.Stringer:
	}
	switch any(event).(type) { // nobody can say what else it may be
	case room.EventSaid:
	}
	return ""
}

// state is an enum that parley did not write.
type state uint16

const (
	open state = iota
	closed
)

func (s state) String() string {
	switch s {
	case open:
		return "open"
	}
	return fmt.Sprint(closed)
}
