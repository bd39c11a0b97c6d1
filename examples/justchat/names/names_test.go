package names

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestCheck(t *testing.T) {
	for _, name := range []string{
		"Elon", "Tony", "Robert", "Professor Ivan", "416", "a", "Zoë", "Иван", "Νίκος", "李小龍", "さくら", "שלמה", "محمد", "Nguyễn Thị Ánh",
		"हिन्दी", "O'Neil", "x_x", "[bot]", "🙂", "Иван Smith", strings.Repeat("é", 32),
	} {
		if got, err := Check(name); err != nil || got != name {
			t.Errorf("%q: got %q, %v, want it as it is", name, got, err)
		}
	}
	if got, err := Check("Zoe\u0308"); got != "Zoë" || err != nil {
		t.Errorf("got %q, %v, want NFC", got, err)
	}
	if got, err := Check(strings.Repeat("e\u0308", 32)); got != strings.Repeat("ë", 32) || err != nil {
		t.Errorf("got %q, %v, want the characters counted in NFC", got, err)
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"":                                "empty",
		strings.Repeat("x", 33):           "longer than 32",
		strings.Repeat("x", 9999):         "longer than 32",
		"a#b":                             "it has a # in it",
		"a/b":                             "it has a / in it",
		" Tony":                           "blanks at its ends",
		"Tony ":                           "blanks at its ends",
		" ":                               "blanks at its ends",
		"Tony: hello":                     "behind names",
		"Tony： hello":                     "behind names",
		"Tony\u02d0":                      "behind names",
		"To\x00ny":                        "U+0000",
		"To\nny":                          "U+000A",
		"To\x1b[2Jny":                     "U+001B",
		"To\u009b2Jny":                    "U+009B",
		"To\u200bny":                      "U+200B",
		"To\u200dny":                      "U+200D",
		"To\u202eny":                      "U+202E",
		"To\u2066ny":                      "U+2066",
		"To\u00a0ny":                      "U+00A0",
		"To\u3164ny":                      "U+3164",
		"To\ufe0fny":                      "U+FE0F",
		"To\u2800ny":                      "U+2800",
		"To\ue000ny":                      "U+E000",
		"To\U000e0041ny":                  "U+E0041",
		"To\u0378ny":                      "U+0378",
		"\u0308Tony":                      "marks",
		"T" + strings.Repeat("\u0335", 5): "marks",
		"To\xffny":                        "not in UTF-8",
		"Jaνa":                            "the Greek ν",
		"NAΤΟΝ":                           "the Greek Ν",
	} {
		if got, err := Check(name); err == nil || !strings.Contains(err.Error(), want) || got != "" {
			t.Errorf("%q: got %q, %v, want an error with %q", name, got, err, want)
		}
	}
}

func TestSkeletonSame(t *testing.T) {
	for _, alike := range [][]string{
		{"Tony", "tony", "TONY", "Тоnу", "Tοny", "Ｔｏｎｙ", "𝐓𝐨𝐧𝐲", "To\u200bny", "ⓣⓞⓝⓨ", "ᴛony", "Τony", " tony"},
		{"Elon", "EIon", "eLON", "Еlоn", "ℰlon", "e1on", "ΕLΟN"},
		{"NATO", "ΝΑΤΟ", "nato", "νατο"},
		{"AI", "Al", "ai", "a1", "A|"},
		{"Robert", "Rοbert", "r0bert"},
		{"modern", "modem", "rnodern"},
		{"Professor Ivan", "professor ivan", "Professor\u00a0Ivan", "professor  ivan"},
		{"Zoë", "Zoe\u0308", "ZOË"},
		{"straße", "STRASSE", "strasse"},
		{"Νίκος", "ΝΊΚΟΣ", "νίκος"},
		{"Иван", "ИВАН", "иван"},
		{"scope", "ѕсоре"},
	} {
		for _, other := range alike[1:] {
			if got, want := Skeleton(other), Skeleton(alike[0]); got != want {
				t.Errorf("%q and %q: got %q, want %q", other, alike[0], got, want)
			}
		}
	}
}

func TestSkeletonDifferent(t *testing.T) {
	seen := make(map[string]string)
	for _, name := range []string{
		"Elon", "Tony", "Robert", "Nan", "Van", "Han", "Yan", "Uan", "Bob", "Dan", "San", "Fan", "Zoë", "Zoe", "Иван", "Ivan", "a b", "ab", "李", "王", "user2", "user3",
	} {
		key := Skeleton(name)
		if other, taken := seen[key]; taken {
			t.Errorf("%q and %q: got one skeleton %q, want two", name, other, key)
		}
		seen[key] = name
	}
}

// TestSkeletonAll tries each character: its skeleton is that of its other forms, and of itself.
func TestSkeletonAll(t *testing.T) {
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if !unicode.IsGraphic(c) || unicode.In(c, unicode.Han, unicode.Hangul) && c%97 != 0 {
			continue // most of the time would go into those
		}
		s := string(c)
		key := Skeleton(s)
		if again := Skeleton(key); again != key {
			t.Fatalf("%U: got the skeleton %q of %q, want it unchanged", c, again, key)
		}
		for _, form := range []string{string(unicode.SimpleFold(c)), strings.ToUpper(s), norm.NFD.String(s), norm.NFC.String(s)} {
			if form == s {
				continue
			}
			if other := Skeleton(form); other != key {
				t.Fatalf("%U and %q: got %q and %q, want one skeleton", c, form, key, other)
			}
		}
		if name, err := Check(s); err == nil && Skeleton(name) == "" {
			t.Fatalf("%U: got no skeleton of what may be a name", c)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ text, lines, line string }{
		{"hello, wörld 🙂", "hello, wörld 🙂", "hello, wörld 🙂"},
		{"a\r\nb\nc\rd\n\re", "a\nb\nc\nd\n\ne", "a b c d  e"},
		{"a\u2028b\u2029c\u0085d\ve\ff", "a\nb\nc\nd\ne\nf", "a b c d e f"},
		{"a\tb\x00c\x7fd\be\ag", "a bcdeg", "a bcdeg"},
		{"\x1b[31mred\x1b[0m", "red", "red"},
		{"\x1b[?1049h\x1b[2J\x1b[1;1Hgone", "gone", "gone"},
		{"\u009b31mred\u009b0m", "red", "red"},
		{"\x1b]0;title\x07text\x1b]52;c;aGk=\x1b\\.", "text.", "text."},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", "link"},
		{"\x1bPq#0;2\x1b\\a\x1b_x\u009cb\x1b^x\x1b\\c\x1bXx\x1b\\d", "abcd", "abcd"},
		{"\u009dtitle\ab\u0090x\u009cc", "bc", "bc"},
		{"\x1b]0;never ended\nnext", "\nnext", " next"},
		{"\x1b]0;broken\x1b[31mred", "red", "red"},
		{"\x1b(Ba\x1bcb\x1b7c\x1b#8d\x1b", "abcd", "abcd"},
		{"\x1b[31", "", ""},
		{"\x1b[3é1m", "é1m", "é1m"},
		{"\x1b\x1b[31mred", "red", "red"},
		{"\x1b\nx", "\nx", " x"},
		{"a\u202eb\u202cc\u2066d\u2069e\u200ef\u200fg\u061ch", "abcdefgh", "abcdefgh"},
		{"a\u200bb\ufeffc\u00add\u2060e\u180ef\u034fg", "abcdefg", "abcdefg"},
		{"a\u200db 👩\u200d💻 می\u200cخواهم", "ab 👩\u200d💻 می\u200cخواهم", "ab 👩\u200d💻 می\u200cخواهم"},
		{"é\u200d\u200d\u200d", "é\u200d", "é\u200d"},
		{"x\U000e0041\U000e007f", "x", "x"},
		{"a\xffb\xc3", "a\ufffdb\ufffd", "a\ufffdb\ufffd"},
		{"\xed\xa0\x80", "\ufffd\ufffd\ufffd", "\ufffd\ufffd\ufffd"},
	} {
		if got := Printable(c.text, true); got != c.lines {
			t.Errorf("%q with lines: got %q, want %q", c.text, got, c.lines)
		}
		if got := Printable(c.text, false); got != c.line {
			t.Errorf("%q: got %q, want %q", c.text, got, c.line)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, name := range []string{"Tony", "Zoe\u0308", "a#b", "\u0308", "To\u202eny", "\xff", "ﷺ", "각"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		kept, err := Check(name)
		if err != nil {
			return
		}
		if again, err := Check(kept); err != nil || again != kept {
			t.Errorf("%q is kept as %q: got %q, %v of that, want the same", name, kept, again, err)
		}
		if n := utf8.RuneCountInString(kept); n < 1 || n > Longest || strings.ContainsAny(kept, "#/:\n\x1b") {
			t.Errorf("got %q, want no such name", kept)
		}
		if shown := Printable(kept, false); shown != kept {
			t.Errorf("%q: got %q to show, want all of it", kept, shown)
		}
		if Skeleton(kept) == "" {
			t.Errorf("%q: got no skeleton", kept)
		}
	})
}

func FuzzSkeleton(f *testing.F) {
	for _, name := range []string{"Tony", "ΝΑΤΟ", "ﷺ", "a\u0327\u0308", "\xff\u200b ", "ǅ", "각ᄀ"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		key := Skeleton(name)
		if again := Skeleton(key); again != key {
			t.Errorf("%q: got %q of its skeleton %q, want the same", name, again, key)
		}
		if !utf8.ValidString(name) {
			return
		}
		for _, form := range []string{norm.NFC.String(name), norm.NFD.String(name), " " + name} {
			if other := Skeleton(form); other != key {
				t.Errorf("%q and %q: got %q and %q, want one skeleton", name, form, key, other)
			}
		}
	})
}

func FuzzPrintable(f *testing.F) {
	for _, text := range []string{"a\r\nb", "\x1b[31mred\x1b[0m", "\x1b]0;x\x1b\\", "\u009b1m", "👩\u200d💻", "\xff\x1b\u202e"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lines := range []bool{true, false} {
			got := Printable(text, lines)
			if !utf8.ValidString(got) {
				t.Errorf("%q: got %q, want UTF-8", text, got)
			}
			for _, c := range got {
				if unicode.IsControl(c) && !(c == '\n' && lines) || unicode.Is(unicode.Bidi_Control, c) {
					t.Errorf("%q: got %q, want no %U", text, got, c)
				}
			}
			if again := Printable(got, lines); again != got {
				t.Errorf("%q: got %q of %q, want the same", text, again, got)
			}
		}
	})
}

func BenchmarkSkeleton(b *testing.B) {
	for b.Loop() {
		Skeleton("Professor Ivan")
	}
}
