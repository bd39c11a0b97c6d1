package generated

import (
	"os/exec"
	"strings"
	"testing"
)

// TestCodeIsUpToDate fails when an interface definition or the generator changed
// and go generate was not run.
func TestCodeIsUpToDate(t *testing.T) {
	for _, args := range []string{
		"-root ../examples -out . ../examples/...",
		"../runtime",
	} {
		command := append([]string{"run", "../cmd/parley", "gen", "-check"}, strings.Fields(args)...)
		if out, err := exec.Command("go", command...).CombinedOutput(); err != nil {
			t.Errorf("parley gen -check %s: %v\n%s", args, err, out)
		}
	}
}
