package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTable has capitals that look like others than their small forms, and looks that lead on.
func TestTable(t *testing.T) {
	data := map[rune]string{
		'I': "l", '1': "l", // so i is l as well
		'т': "ᴛ", 'Т': "T", // so ᴛ is t as well
		'м': "ʍ", 'М': "M", 'm': "rn",
		'а': "a", 'А': "A",
		'ν': "v", 'Ν': "N",
	}
	table, err := resolve(choose(data))
	if err != nil {
		t.Fatal(err)
	}
	want := map[rune]string{'i': "l", '1': "l", 'т': "t", 'ᴛ': "t", 'м': "rn", 'ʍ': "rn", 'm': "rn", 'а': "a", 'ν': "n", 'ⓜ': "rn"}
	for c, look := range want {
		if got := table[c]; got != look {
			t.Errorf("%c: got %q, want %q", c, got, look)
		}
	}
	for c := range maps.Keys(table) {
		if strings.ContainsRune("abn\u0301lIТ", c) {
			t.Errorf("got %q as %q, want it left out, as it looks like itself or is folded before", c, table[c])
		}
	}
	if _, err := resolve(map[rune]string{'a': "b", 'b': "a"}); err == nil || !strings.Contains(err.Error(), "in a circle") {
		t.Errorf("got %v, want the circle named", err)
	}
}

func TestEncode(t *testing.T) {
	got := string(encode(map[rune]string{'ᴛ': "t", '1': "l", '|': "l"}))
	want := "\x00\x03" + "\x00\x001\x00\x00" + "\x00\x00|\x00\x00" + "\x00\x1d\x1b\x00\x02" + "\x01l" + "\x01t"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBadFile(t *testing.T) {
	file, table := filepath.Join(t.TempDir(), "confusables.txt"), filepath.Join(t.TempDir(), "skeletons.bin")
	for text, want := range map[string]string{
		"\ufeff# head\n0441 ;\t0063 ;\tMA\t# с\n": "only 1 confusables",
		"0441 0442 ; 0063 ; MA\n":                 "not understood",
		"0441 ; xyz ; MA\n":                       "not understood",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run([]string{file, table}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}
	if err := run(nil); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("got %v, want the usage", err)
	}
	if _, err := os.Stat(table); err == nil {
		t.Error("got a table, want none")
	}
}
