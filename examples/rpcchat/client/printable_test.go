package client

import "testing"

func TestPrintable(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"plain  text\tand tabs", "plain  text\tand tabs"},
		{"grüß dich 你好 👩‍👩‍👧", "grüß dich 你好 👩‍👩‍👧"},
		{"\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"},
		{"bell\a back\b null\x00 delete\x7f", "bell\ufffd back\ufffd null\ufffd delete\ufffd"},
		{"two\r\nlines\u2028three", "two  lines three"},
		{"C1 in UTF-8 \u009b2J, and as a byte \x9b2J", "C1 in UTF-8 \ufffd2J, and as a byte \ufffd2J"},
		{"abc\u202ecba", "abc\ufffdcba"},
		{"cut \xe4\xbd", "cut \ufffd\ufffd"},
	} {
		if got := Printable(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}
