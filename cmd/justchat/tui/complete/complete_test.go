package complete

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// someKnown are a few of everything.
var someKnown = Known{
	Users:     []string{"Tony", "Elon", "Professor Ivan", "tom", "李小龍"},
	Files:     []string{"SELDOM_2016.png", "notes #2.txt", "select.sql"},
	Offers:    []client.Offer{{ID: 3}, {ID: 14}},
	Transfers: []client.Transfer{{ID: 4, State: client.Moving}, {ID: 5, State: client.Finished}},
}

// completions are lines, and what they become with each Tab. The cursor is at |, or at the end.
var completions = []struct {
	typed string
	want  []string
}{
	{"", []string{"", ""}},
	{"El", []string{"Elon: ", "Elon: "}},
	{"el", []string{"Elon: "}},
	{"to", []string{"Tony: ", "tom: ", "to", "Tony: "}},
	{"T", []string{"Tony: ", "tom: ", "T"}},
	{"professor i", []string{"Professor Ivan: "}},
	{"李", []string{"李小龍: "}},
	{"nobody", []string{"nobody"}},
	{"hi El", []string{"hi Elon "}},
	{"hi Elon and to", []string{"hi Elon and Tony ", "hi Elon and tom ", "hi Elon and to"}},
	{"hi ", []string{"hi "}},
	{"two\nEl", []string{"two\nElon "}},
	{"El| hi", []string{"Elon:| hi", "Elon:| hi"}},
	{"El|hi", []string{"Elon: |hi"}},
	{"tell E|on", []string{"tell Elon |on"}},

	{"#", []string{"#message #", "#share #", "#available files", "#get #", "#commands", "#users"}},
	{"#me", []string{"#message #", "#message #Tony #", "#message #Elon #", "#message #Professor Ivan #", "#message #tom #", "#message #李小龍 #", "#message #"}},
	{"#ME", []string{"#message #"}},
	{"  #q", []string{"  #quit", "  #quit"}},
	{"#available f", []string{"#available files"}},
	{"#av", []string{"#available files", "#available files"}},
	{"#nothing", []string{"#nothing"}},
	{"##El", []string{"##El"}},
	{"#message ", []string{"#message #", "#message #Tony #"}},
	{"#message #prof", []string{"#message #Professor Ivan #", "#message #Professor Ivan #"}},
	{"#message  # el", []string{"#message  # Elon #"}},
	{"#message #el| #hi", []string{"#message #Elon| #hi"}},
	{"#message #Elon #hi To", []string{"#message #Elon #hi To"}},
	{"#message Elon", []string{"#message Elon"}},
	{"#quit e", []string{"#quit e"}},

	{"#get #", []string{"#get #SELDOM_2016.png", "#get #notes #2.txt", "#get #select.sql", "#get #"}},
	{"#get #se", []string{"#get #SELDOM_2016.png", "#get #select.sql", "#get #se"}},
	{"#get #notes #", []string{"#get #notes #2.txt", "#get #notes #2.txt"}},
	{"#rem", []string{"#remove #", "#remove #SELDOM_2016.png"}},
	{"#remove #n", []string{"#remove #notes #2.txt"}},
	{"#search El", []string{"#search El"}},
	{"#history ", []string{"#history "}},
	{"#acc", []string{"#accept ", "#accept 3", "#accept 14", "#accept "}},
	{"#accept #1", []string{"#accept #14"}},
	{"#dec", []string{"#decline ", "#decline 3"}},
	{"#can", []string{"#cancel ", "#cancel 4", "#cancel 4"}},
	{"#cancel 5", []string{"#cancel 5"}},
	{"#sh", []string{"#share #"}},
	{"#share #To", []string{"#share #Tony #", "#share #tom #", "#share #To"}},
}

func TestComplete(t *testing.T) {
	for _, test := range completions {
		c := &Completer{Commands: talk.Commands}
		line, cursor := parseCursor(test.typed)
		for i, want := range test.want {
			line, cursor = c.Next(line, cursor, someKnown)
			if got := showCursor(line, cursor); got != want && got != want+"|" {
				t.Errorf("%q and %d Tabs: got %q, want %q", test.typed, i+1, got, want)
			}
		}
	}
}

// TestCompleteBack goes back, and to what was typed.
func TestCompleteBack(t *testing.T) {
	c := &Completer{Commands: talk.Commands}
	line, cursor := c.Next("t", 1, someKnown)
	line, cursor = c.Next(line, cursor, someKnown)
	for _, want := range []string{"Tony: ", "t", "tom: ", "Tony: "} {
		if line, cursor = c.Previous(line, cursor, someKnown); line != want || cursor != len(want) {
			t.Errorf("got %q at %d, want %q at its end", line, cursor, want)
		}
	}
	line, _ = c.Next(line+"x", cursor+1, someKnown)
	if want := "Tony: x"; line != want {
		t.Errorf("got %q, want %q: it was typed on", line, want)
	}
	if line, _ = c.Previous("to", 2, someKnown); line != "tom: " {
		t.Errorf("got %q, want the last match first", line)
	}
	line, cursor = c.Next("#av", 3, someKnown)
	if line, _ = c.Previous(line, cursor, someKnown); line != "#av" {
		t.Errorf("got %q, want what was typed", line)
	}
}

func TestCompletePath(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"pic/SELDOM_2016.png", "pic/SELDOM_2017.png", "pic/two words #1.png", "pic/zoë/x", "pic/zoé/y", ".hidden/a", "pic/esc\x1b[2J"} {
		file := filepath.Join(home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for target, link := range map[string]string{"pic": "to-pic", "nowhere": "to-nowhere"} {
		if err := os.Symlink(target, filepath.Join(home, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		typed string
		want  []string
	}{
		{"~", []string{"~/"}},
		{"~/", []string{"~/pic/", "~/to-pic/", "~/"}},
		{"~/.", []string{"~/.hidden/", "~/.hidden/a", "~/.hidden/a"}},
		{"~/t", []string{"~/to-pic/"}},
		{"~/pic/S", []string{"~/pic/SELDOM_201", "~/pic/SELDOM_2016.png", "~/pic/SELDOM_2017.png", "~/pic/SELDOM_201"}},
		{"~/pic/tw", []string{"~/pic/two words #1.png"}},
		{"~/pic/two words #", []string{"~/pic/two words #1.png"}},
		{"~/pic/z", []string{"~/pic/zo", "~/pic/zoé/", "~/pic/zoë/"}},
		{"~/pic/e", []string{"~/pic/e"}},
		{"~/none/x", []string{"~/none/x"}},
		{home + "/p", []string{home + "/pic/"}},
		{"pi", []string{"pi"}},
	} {
		for _, command := range []string{"#share #", "#share #Elon #"} {
			c := &Completer{Commands: talk.Commands}
			line, cursor := command+test.typed, len(command+test.typed)
			for i, want := range test.want {
				if line, cursor = c.Next(line, cursor, someKnown); line != command+want {
					t.Errorf("%q and %d Tabs: got %q, want %q", command+test.typed, i+1, line, command+want)
				}
			}
		}
	}
}

// TestCompleteManyFiles: a huge folder is not read wholly.
func TestCompleteManyFiles(t *testing.T) {
	dir := t.TempDir()
	for i := range folderEntries + 100 {
		if err := os.Mkdir(filepath.Join(dir, strings.Repeat("x", 1+i%3)+string(rune('一'+i))), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(readSome(dir)); got != folderEntries {
		t.Errorf("got %d entries, want %d", got, folderEntries)
	}
}

// parseCursor returns a line without its |, and where that was, or the end.
func parseCursor(shown string) (line string, cursor int) {
	before, after, found := strings.Cut(shown, "|")
	if !found {
		return shown, len(shown)
	}
	return before + after, len(before)
}

func showCursor(line string, cursor int) string { return line[:cursor] + "|" + line[cursor:] }

// FuzzComplete: whatever is typed, what stands behind the cursor stays, and turning on comes back to what was typed.
func FuzzComplete(f *testing.F) {
	for _, line := range []string{"El", "#message #to| #hi", "#get #", "hi El|x", "#", "\xff#", "#share"} {
		f.Add(line, 2)
	}
	f.Fuzz(func(t *testing.T, line string, cursor int) {
		if strings.Contains(line, "share") {
			return // it would read folders
		}
		c := &Completer{Commands: talk.Commands}
		at := min(max(cursor, 0), len(line))
		after := line[at:]
		got, now := c.Next(line, cursor, someKnown)
		if !strings.HasSuffix(got, after) || got[now:] != after {
			t.Fatalf("%q at %d: got %q at %d", line, cursor, got, now)
		}
		if got, now = c.Previous(got, now, someKnown); got != line || now != at {
			t.Fatalf("%q at %d and back: got %q at %d", line, cursor, got, now)
		}
	})
}
