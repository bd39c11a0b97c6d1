package cmd

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestDemos runs the demonstrations as they run where nobody is at a terminal: they end by themselves.
func TestDemos(t *testing.T) {
	for script, want := range map[string]string{
		"../examples/justchat/demo.sh": "== what Elon saw\n",
		"../examples/rpcchat/demo.sh":  "== what alice saw\n",
	} {
		t.Run(script, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // it builds, at first
			defer cancel()
			out, err := exec.CommandContext(ctx, "sh", script).CombinedOutput()
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("got %v\n%s\nwant %q in it", err, out, want)
			}
		})
	}
}
