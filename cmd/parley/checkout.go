package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"

	"golang.org/x/mod/modfile"
)

// parleyModule is the module that this program and the runtime are in.
const parleyModule = "github.com/parley-rpc/parley"

// findCheckout returns the absolute path of a folder with Parley: the one that was named, if one was, else the one that
// the module of the current folder uses, else the one that this program was built from or lies in.
func findCheckout(ctx context.Context, named string) (string, error) {
	if named != "" {
		if !isCheckout(named) {
			return "", usagef("-parley: %q is no checkout of Parley: it has no go.mod that says «module %s»", named, parleyModule)
		}
		return filepath.Abs(named)
	}
	for _, candidate := range []func(context.Context) string{usedCheckout, builtFrom, liesIn} {
		if folder := candidate(ctx); folder != "" && isCheckout(folder) {
			return filepath.Abs(folder)
		}
	}
	return "", usagef("no checkout of Parley is found: name one with -parley DIR")
}

// isCheckout reports whether folder holds the module with the runtime.
func isCheckout(folder string) bool { return runtimeBelow(os.DirFS(folder)) != "" }

// usedCheckout returns where the module of the current folder has Parley from, or "".
func usedCheckout(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", parleyModule).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// builtFrom returns the checkout with the source of this program, or "" if it was built without paths.
func builtFrom(context.Context) string {
	_, file, _, ok := goruntime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	folder, _ := upwards(filepath.Dir(file), "go.mod")
	return folder
}

// liesIn returns the module in whose folders this program is, or "".
func liesIn(context.Context) string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	folder, _ := upwards(filepath.Dir(program), "go.mod")
	return folder
}

// moduleFiles writes go.mod and go.sum: with the checkout in Parley's place, the tool, and what the tool needs, in the
// versions that the checkout has.
func (p *project) moduleFiles(folder string) error {
	content, err := os.ReadFile(filepath.Join(p.checkout, "go.mod"))
	if err != nil {
		return err
	}
	parley, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return err
	}
	mod := new(modfile.File)
	if err := mod.AddModuleStmt(p.Module); err != nil {
		return err
	}
	if parley.Go != nil {
		if err := mod.AddGoStmt(parley.Go.Version); err != nil {
			return err
		}
	}
	if err := mod.AddTool(parleyModule + "/cmd/parley"); err != nil {
		return err
	}
	requires := []*modfile.Require{{Mod: parley.Module.Mod}}
	requires[0].Mod.Version = "v0.0.0"
	for _, r := range parley.Require {
		requires = append(requires, &modfile.Require{Mod: r.Mod, Indirect: true})
	}
	mod.SetRequireSeparateIndirect(requires)
	if err := mod.AddReplace(parleyModule, "", p.checkout, ""); err != nil {
		return err
	}
	mod.Cleanup()
	text, err := mod.Format()
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(folder, "go.mod"), text); err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(p.checkout, "go.sum"))
	if err != nil {
		return err
	}
	return writeNew(filepath.Join(folder, "go.sum"), sums)
}
