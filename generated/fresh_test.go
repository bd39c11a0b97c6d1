package generated

import (
	"os/exec"
	"testing"
)

// TestCodeIsUpToDate fails when an interface definition or the generator changed
// and go generate was not run.
func TestCodeIsUpToDate(t *testing.T) {
	out, err := exec.Command("go", "run", "../cmd/parley", "gen", "-check", "-root", "../examples", "-out", ".", "../examples/...").CombinedOutput()
	if err != nil {
		t.Errorf("parley gen -check: %v\n%s", err, out)
	}
}
