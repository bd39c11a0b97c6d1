package names

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestCheckFile(t *testing.T) {
	for _, name := range []string{
		"SELDOM_2016.png", "a", "my holiday (1).tar.gz", "no extension", "#1.txt", "a#b", "-v", "~x", "%2e%2e", "100%.csv", "[a] {b} & 'c'.md",
		"Übung.pdf", "фото.jpg", "写真.jpg", "صورة.png", "हिन्दी.txt", "🙂.gif", "a..b", "console.log", "nullable", "COM10", "COM", "LPT1x.txt", "icon",
		strings.Repeat("é", 100),
	} {
		if got, err := CheckFile(name); err != nil || got != name {
			t.Errorf("%q: got %q, %v, want it as it is", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"U\u0308bung.pdf": "Übung.pdf",
		"Screenshot 2026-11-22 at 9.41.00\u202fAM.png": "Screenshot 2026-11-22 at 9.41.00 AM.png",
		"a\u00a0b\u3000c":              "a b c",
		strings.Repeat("e\u0301", 100): strings.Repeat("é", 100),
		"\u212bngstro\u0308m":          "Ångström",
		"\u1112\u1161\u11ab.txt":       "한.txt",
	} {
		if got, err := CheckFile(name); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", name, got, err, want)
		}
	}
}

// TestCheckFileRefuses names the attacks that names of files are used for.
func TestCheckFileRefuses(t *testing.T) {
	for _, test := range []struct{ attack, name, want string }{
		{"nothing", "", "empty"},
		{"leaves the folder", "../../.ssh/authorized_keys", "begins with a dot"}, // published for croc
		{"leaves the folder from within", "a/../../.ssh/authorized_keys", "not a path"},
		{"leaves the folder on Windows", `..\..\evil.exe`, "begins with a dot"},
		{"leaves the folder from within on Windows", `a\..\..\evil.exe`, "not a path"},
		{"the folder above", "..", "begins with a dot"},
		{"the folder itself", ".", "begins with a dot"},
		{"goes into a folder", "a/b", "not a path"},
		{"is a folder", "a/", "not a path"},
		{"absolute", "/etc/passwd", "not a path"},
		{"absolute on Windows", `C:\Windows\x.dll`, "has a : in it"},
		{"another machine's", `\\host\share\x`, "not a path"},
		{"a device of Windows by its path", `\\.\PhysicalDrive0`, "not a path"},
		{"a drive's current folder", "C:x", "has a : in it"},
		{"an alternate stream", "a.txt:evil.exe", "has a : in it"},
		{"an alternate stream of the folder", "::$INDEX_ALLOCATION", "has a : in it"},
		{"hidden", ".bashrc", "begins with a dot"},
		{"hidden, our own", ".justchat", "begins with a dot"},
		{"a device", "NUL", "a device"},
		{"a device in small letters", "con", "a device"},
		{"a device with an extension", "Aux.tar.gz", "a device"},
		{"a device with a blank", "PRN .txt", "a device"},
		{"a device with another blank", "PRN\u00a0.txt", "a device"},
		{"a port", "LPT1.txt", "a device"},
		{"a port, superscript", "COM¹", "a device"},
		{"a port, superscript, extension", "lpt³.x", "a device"},
		{"port 0", "com0", "a device"},
		{"the console's input", "CONIN$", "a device"},
		{"the console's output", "conout$.txt", "a device"},
		{"the clock", "CLOCK$", "a device"},
		{"ends early", "a.png\x00.exe", "U+0000"},
		{"escape codes", "\x1b[2J\x1b[1;1Hnothing.txt", "U+001B"}, // published for croc
		{"a window's title", "\x1b]0;title\x07.txt", "U+001B"},
		{"escape codes in one character", "a\u009b31m", "U+009B"},
		{"a second line", "a\nreceived: b", "U+000A"},
		{"writes over the line", "evil.exe\rgood.txt", "U+000D"},
		{"writes over characters", "evil\b\b\b\bgood", "U+0008"},
		{"a tab", "a\tb", "U+0009"},
		{"delete", "a\x7f", "U+007F"},
		{"a line of Unicode's", "a\u2028b", "U+2028"},
		{"another extension by bidi override", "photo_\u202egnp.exe", "U+202E"},
		{"another extension by bidi isolate", "photo_\u2067gnp.exe", "U+2067"},
		{"an Arabic mark", "a\u061cb", "U+061C"},
		{"no width", "a\u200bb", "U+200B"},
		{"a joiner", "a\u200db", "U+200D"},
		{"a byte order mark", "\ufeffa", "U+FEFF"},
		{"a blank letter", "a\u3164b", "U+3164"},
		{"a blank pattern", "a\u2800b", "U+2800"},
		{"tags", "a\U000e0041", "U+E0041"},
		{"private use", "a\ue000", "U+E000"},
		{"not assigned", "a\u0378", "U+0378"},
		{"bad UTF-8", "a\xff", "not in UTF-8"},
		{"overlong separator", "..\xc0\xafx", "not in UTF-8"},
		{"a surrogate", "a\xed\xa0\x80", "not in UTF-8"},
		{"a blank that is cut off", "x.txt ", "blanks at its ends"},
		{"a blank before", " x", "blanks at its ends"},
		{"a wide blank before", "\u3000x", "blanks at its ends"},
		{"only blanks", "  ", "blanks at its ends"},
		{"a dot that is cut off", "x.exe.", "ends with a dot"},
		{"another argument", "a #Robert", "which parts the arguments"},
		{"another argument, behind another blank", "a\u00a0#Robert", "which parts the arguments"},
		{"a pattern", "*", "has a * in it"},
		{"a pattern of one", "a?", "has a ? in it"},
		{"a pipe", "a|b", "has a | in it"},
		{"from a file", "a<b", "has a < in it"},
		{"into a file", "a>b", "has a > in it"},
		{"a quote", `a"b`, "has a \" in it"},
		{"too long", strings.Repeat("x", 201), "longer than 200 bytes"},
		{"too long in UTF-8", strings.Repeat("é", 101), "longer than 200 bytes"},
		{"too long in NFC", strings.Repeat("\ufb2c", 60), "longer than 200 bytes"},
		{"much too long", strings.Repeat("x", 1<<20), "longer than 200 bytes"},
		{"climbs into other lines", "a" + strings.Repeat("\u0335", 5), "marks"},
		{"a mark on nothing", "\u0308a", "marks"},
	} {
		if got, err := CheckFile(test.name); err == nil || !strings.Contains(err.Error(), test.want) || got != "" {
			t.Errorf("%s, %.40q: got %q, %v, want an error with %q", test.attack, test.name, got, err, test.want)
		}
	}
}

// FuzzCheckFile has an accepted name stay in its folder, be shown as it is, and be accepted again.
func FuzzCheckFile(f *testing.F) {
	for _, name := range []string{
		"SELDOM_2016.png", "../x", `..\x`, "C:x", "nul.txt", "COM¹", "a\u00a0 #b", "\x1b[2Jx", "e\u0308", "\u202ex", "x. ", "\ufb2c", "\u2000.a", "a\u0340", "\u212a",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		kept, err := CheckFile(name)
		if err != nil {
			if kept != "" {
				t.Errorf("%q: got %q with %v, want no name", name, kept, err)
			}
			return
		}
		if again, err := CheckFile(kept); err != nil || again != kept {
			t.Errorf("%q is kept as %q: got %q, %v of that, want the same", name, kept, again, err)
		}
		if got := filepath.Join("folder", kept); got != "folder"+string(filepath.Separator)+kept || !filepath.IsLocal(kept) {
			t.Errorf("%q: got the path %q, want it in the folder", kept, got)
		}
		if shown := Printable(kept, false); shown != kept {
			t.Errorf("%q: got %q to show, want all of it", kept, shown)
		}
		if strings.ContainsAny(kept, `/\<>:"|?*`) || !utf8.ValidString(kept) || !norm.NFC.IsNormalString(kept) || len(kept) > LongestFile {
			t.Errorf("got %q, want no such name", kept)
		}
	})
}
