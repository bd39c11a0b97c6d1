package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// quiet is the load average below which a machine counts as having nothing else to do.
const quiet = 0.5

// peerModules are the modules whose versions belong to the figures.
var peerModules = []string{
	"google.golang.org/grpc",
	"connectrpc.com/connect",
	"storj.io/drpc",
	"github.com/containerd/ttrpc",
	"google.golang.org/protobuf",
	"github.com/planetscale/vtprotobuf",
	"github.com/tinylib/msgp",
}

// describeMachine prints what the figures depend on, and a warning if the machine has
// other work.
func describeMachine(w io.Writer, s settings) {
	fmt.Fprintf(w, "%s, %s/%s, %d CPUs%s; medians of %d rounds of %v.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), processor(), s.rounds, s.round)
	fmt.Fprintf(w, "Peers: net/rpc of this Go%s.\n", versions())
	if load, ok := loadAverage(); ok && load > quiet {
		fmt.Fprintf(w, "\n**The load average was %.1f when this began: other work ran, believe no figure.**\n", load)
	}
	fmt.Fprintln(w)
}

// versions returns ", path version" for each peer that is part of this program.
func versions() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var text strings.Builder
	for _, module := range info.Deps {
		if slices.Contains(peerModules, module.Path) {
			fmt.Fprintf(&text, ", %s %s", module.Path, module.Version)
		}
	}
	return text.String()
}

// processor returns ", " and the processor's name where Linux tells it, else "".
func processor() string {
	content, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return ", " + strings.TrimSpace(value)
		}
	}
	return ""
}

// loadAverage returns the load of the last minute, where Linux tells it.
func loadAverage() (load float64, ok bool) {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(content), " ")
	load, err = strconv.ParseFloat(first, 64)
	return load, err == nil
}
