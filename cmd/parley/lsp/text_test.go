package lsp

import "testing"

func TestPositions(t *testing.T) {
	const raw = "a é🙂z\r\nzwei\rdrei\n\n🙂"
	tests := []struct {
		offset int
		utf16  Position
		utf8   Position
	}{
		{0, Position{0, 0}, Position{0, 0}},
		{2, Position{0, 2}, Position{0, 2}},
		{4, Position{0, 3}, Position{0, 4}},
		{8, Position{0, 5}, Position{0, 8}},
		{9, Position{0, 6}, Position{0, 9}},
		{11, Position{1, 0}, Position{1, 0}},
		{15, Position{1, 4}, Position{1, 4}},
		{16, Position{2, 0}, Position{2, 0}},
		{21, Position{3, 0}, Position{3, 0}},
		{22, Position{4, 0}, Position{4, 0}},
		{26, Position{4, 2}, Position{4, 4}},
	}
	text := newText(raw)
	for _, test := range tests {
		for enc, want := range map[encoding]Position{encodingUTF16: test.utf16, encodingUTF8: test.utf8} {
			if got := text.position(test.offset, enc); got != want {
				t.Errorf("%s: position of %d: got %v, want %v", enc, test.offset, got, want)
			}
			if got := text.offset(want, enc); got != test.offset {
				t.Errorf("%s: offset of %v: got %d, want %d", enc, want, got, test.offset)
			}
		}
	}
}

func TestPositionsBeyondTheText(t *testing.T) {
	text := newText("a🙂\nb")
	tests := []struct {
		position Position
		enc      encoding
		want     int
	}{
		{Position{0, 99}, encodingUTF16, 5},
		{Position{0, 99}, encodingUTF8, 5},
		{Position{0, 2}, encodingUTF16, 1}, // inside of the character
		{Position{0, 3}, encodingUTF8, 1},
		{Position{0, -1}, encodingUTF16, 0},
		{Position{0, -1}, encodingUTF8, 0},
		{Position{9, 0}, encodingUTF16, 7},
		{Position{-1, 3}, encodingUTF16, 0},
	}
	for _, test := range tests {
		if got := text.offset(test.position, test.enc); got != test.want {
			t.Errorf("%s %v: got %d, want %d", test.enc, test.position, got, test.want)
		}
	}
	if got, want := text.position(99, encodingUTF16), (Position{1, 1}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestByteOrderMark(t *testing.T) {
	text := newText("\ufeffab\nc")
	if got, want := text.position(4, encodingUTF16), (Position{0, 1}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := text.offset(Position{0, 1}, encodingUTF16); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
}

func TestPositionsInUTF8WhereTheClientCan(t *testing.T) {
	const source = "package room\n\nerror Lost \"🙂 {whre}\" { where string }\n"
	for _, test := range []struct {
		offers []string
		want   int
	}{{nil, 15}, {[]string{"utf-32"}, 15}, {[]string{"utf-16", "utf-8"}, 17}} {
		c := startClient(t, nil)
		c.start(test.offers...)
		c.open("room/room.parley", source)
		got := c.diagnostics("room/room.parley")
		if len(got) != 1 || got[0].Range.Start != (Position{2, test.want}) {
			t.Errorf("%q: got %+v, want one at character %d", test.offers, got, test.want)
		}
	}
}

func TestURIs(t *testing.T) {
	for _, path := range []string{"/a/b.parley", "/mit Leerzeichen/ü#?%.parley"} {
		if got := pathOf(uriOf(path)); got != path {
			t.Errorf("got %q, want %q", got, path)
		}
	}
	for _, uri := range []string{"", "untitled:Untitled-1", "http://x/y", "%zz", "file:"} {
		if got := pathOf(uri); got != "" {
			t.Errorf("%q: got %q, want nothing", uri, got)
		}
	}
}
