package throws

import (
	"testing"

	"example.test/chat/room"
)

// A test often knows that there was an error, and that is all that it wants to know.
func TestFind(t *testing.T) {
	_, err := room.NewRoomClient(nil).Find(t.Context(), "alice")
	if err == nil {
		t.Error("found")
	}
}
