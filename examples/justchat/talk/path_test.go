package talk

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestPath: a path is what it says if that is there, and else what a shell makes of it.
func TestPath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: such names cannot be made here")
	}
	home, here := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(here)
	for _, file := range []string{
		filepath.Join(home, "my file"),
		"a b", "it's", `c\ d`, `"e"`, "e", `back\slash`, "both ", "both", `dollar$`,
	} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{
		"a b":          "a b",
		`a\ b`:         "a b",
		`'a b'`:        "a b",
		`"a b"`:        "a b",
		`a' 'b`:        "a b",
		`it's`:         "it's",
		`it\'s`:        "it's",
		`'it'\''s'`:    "it's",
		`"it's"`:       "it's",
		`c\ d`:         `c\ d`, // is there, as it is typed
		`c\\\ d`:       `c\ d`,
		`"e"`:          `"e"`,
		`'e'`:          "e",
		`'back\slash'`: `back\slash`,
		`"back\slash"`: `back\slash`,
		`back\\slash`:  `back\slash`,
		`dollar\$`:     "dollar$",
		"~/my file":    filepath.Join(home, "my file"),
		`~/my\ file`:   filepath.Join(home, "my file"),
		`'~/my file'`:  filepath.Join(home, "my file"),
		"~":            home,
		"~e":           "~e",
		"none":         "none",
		`no\ ne`:       `no\ ne`,
		"'none":        "'none",
		`'a b`:         `'a b`,
		`a b\`:         `a b\`,
		"~/none":       filepath.Join(home, "none"),
		`'none'`:       "none",
		`"~/none"`:     filepath.Join(home, "none"),
	} {
		if got := Path(typed); got != want {
			t.Errorf("Path(%q): got %q, want %q", typed, got, want)
		}
	}
}
