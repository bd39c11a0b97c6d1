package complete

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/names"
)

// folderEntries is how many entries of a folder are looked at, so that a huge one does not hold up the screen.
const folderEntries = 2000

// paths returns the files and folders whose paths begin with what was typed, folders with a slash at their end. A beginning that
// they share comes first, alone. Hidden ones are among them only if a dot is typed. ~ is the home folder, and stays.
func paths(typed string) []string {
	if typed == "~" {
		return []string{"~/"}
	}
	folder, base := filepath.Split(typed)
	var found []string
	for _, entry := range readSome(folder) {
		name := entry.Name()
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".")
		if hidden || !strings.HasPrefix(name, base) || names.Printable(name, false) != name {
			continue
		}
		switch mode := resolved(folder, entry); {
		case mode.IsDir():
			found = append(found, folder+name+"/")
		case mode.IsRegular():
			found = append(found, folder+name)
		}
	}
	slices.Sort(found)
	if shared := sharedStart(found); len(shared) > len(typed) {
		return []string{shared}
	}
	return found
}

// readSome returns some entries of a folder, or none if it cannot be read.
func readSome(folder string) []fs.DirEntry {
	f, err := os.Open(expand(folder))
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(folderEntries)
	return entries
}

// expand returns the folder that is meant: of none the one where we are.
func expand(folder string) string {
	if folder == "" {
		return "."
	}
	if rest, ok := strings.CutPrefix(folder, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest) + "/"
		}
	}
	return folder
}

// resolved returns what an entry is, and of a symbolic link what it leads to.
func resolved(folder string, entry fs.DirEntry) fs.FileMode {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type()
	}
	info, err := os.Stat(filepath.Join(expand(folder), entry.Name()))
	if err != nil {
		return fs.ModeIrregular
	}
	return info.Mode()
}

// sharedStart returns what all begin with, in whole characters.
func sharedStart(all []string) string {
	if len(all) == 0 {
		return ""
	}
	first, last := []rune(all[0]), []rune(all[len(all)-1]) // sorted: these differ most
	n := 0
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	return string(first[:n])
}
