package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"justchat": main})
}

// patience is how long a program may take to do what a script expects of it.
const patience = 30 * time.Second

// quickEnd keeps the race detector, if there is one, from ending each program a second late.
const quickEnd = "GORACE=atexit_sleep_ms=10"

// TestScripts runs the binary, whose data folder and settings are the script's own. Beside testscript's
// own commands scripts have those of package main's programs_test.go.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values["programs"] = map[string]*program{}
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "settings"))
			env.Vars = append(env.Vars, quickEnd)
			return os.WriteFile(filepath.Join(env.WorkDir, "password"), []byte("correct horse\n"), 0o600)
		},
		Condition: func(what string) (bool, error) {
			if what != "root" {
				return false, fmt.Errorf("there is no condition %q", what)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"up":      startUp,
			"start":   start,
			"client":  startClient,
			"type":    typeLine,
			"eof":     func(ts *testscript.TestScript, _ bool, args []string) { named(ts, args, 1).stdin.Close() },
			"see":     see,
			"find":    find,
			"signal":  sendSignal,
			"exits":   exits,
			"fails":   fails,
			"misused": misused,
			"take":    take,
			"free":    free,
			"get":     get,
		},
	})
}
