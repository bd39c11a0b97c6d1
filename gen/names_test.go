package gen

import "testing"

func TestGoNames(t *testing.T) {
	tests := []struct{ name, exported, unexported string }{
		{"id", "ID", "id"},
		{"userId", "UserID", "userID"},
		{"userIds", "UserIDs", "userIDs"},
		{"ids", "IDs", "ids"},
		{"httpApi", "HTTPAPI", "httpAPI"},
		{"HttpApi", "HTTPAPI", "httpAPI"},
		{"HTTPChat", "HTTPChat", "httpChat"},
		{"HTTPAPI", "HTTPAPI", "httpapi"},
		{"sha256", "SHA256", "sha256"},
		{"utf8Text", "UTF8Text", "utf8Text"},
		{"RpcUser", "RPCUser", "rpcUser"},
		{"valid", "Valid", "valid"},
		{"hidden", "Hidden", "hidden"},
		{"a", "A", "a"},
		{"aB", "AB", "aB"},
		{"x1Id2", "X1ID2", "x1ID2"},
		{"CamelCase", "CamelCase", "camelCase"},
		{"https", "HTTPS", "https"},
		{"dns", "DNS", "dns"},
	}
	for _, test := range tests {
		if got := exported(test.name); got != test.exported {
			t.Errorf("exported(%s): got %s, want %s", test.name, got, test.exported)
		}
		if got := unexported(test.name); got != test.unexported {
			t.Errorf("unexported(%s): got %s, want %s", test.name, got, test.unexported)
		}
	}
}

func TestGoFileName(t *testing.T) {
	tests := []struct{ name, want string }{
		{"room.parley", "room.parley.go"},
		{"file_transfer.parley", "file_transfer.parley.go"},
		{"room_linux.parley", "room_linux_.parley.go"},
		{"room_test.parley", "room_test_.parley.go"},
		{"room_linux_.parley", "room_linux__.parley.go"},
		{"room_.parley", "room_.parley.go"},
		{"room_windows.v2.parley", "room_windows_.v2.parley.go"},
		{"room.v2_windows.parley", "room.v2_windows.parley.go"},
		{"linux.parley", "linux.parley.go"},
	}
	for _, test := range tests {
		if got := goFileName(test.name); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}
