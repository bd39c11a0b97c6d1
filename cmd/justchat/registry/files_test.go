package registry_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
)

// TestFiles has two load balancers bind each of some names at once, each for somebody else, remove them, and bind them anew.
func TestFiles(t *testing.T) {
	t.Parallel()
	m := embedded(t, t.TempDir())
	var directories []*registry.Directory
	for range 2 {
		d := registry.Open(dial(t, m), registry.Events{}, slog.New(slog.DiscardHandler))
		t.Cleanup(func() { d.Close() })
		directories = append(directories, d)
	}
	owners, limits := []string{"Elon", "Tony"}, registry.FileLimits{Files: 20, Bytes: -1}
	for race := range 20 {
		name, errs := fmt.Sprint("file", race), make([]error, 2)
		var wait sync.WaitGroup
		for i, owner := range owners {
			file := justchat.File{Name: name, Size: 3, SHA256: []byte("of " + owner), Owner: owner, Holders: []string{"s"}}
			wait.Go(func() { errs[i] = directories[i].BindFile(t.Context(), file, limits) })
		}
		wait.Wait()
		winner := slices.Index(errs, nil)
		if winner < 0 {
			t.Fatalf("%s: got %v, want one winner", name, errs)
		}
		var taken *justchat.FileExists
		if !errors.As(errs[1-winner], &taken) || taken.Owner != owners[winner] {
			t.Errorf("%s: got error %v for who lost, want that it is %s's", name, errs[1-winner], owners[winner])
		}
		if race%2 == 1 {
			continue
		}
		if _, err := directories[1-winner].RemoveFile(t.Context(), name, owners[winner]); err != nil {
			t.Fatal(err)
		}
		again := justchat.File{Name: name, Size: 5, SHA256: []byte("other"), Owner: "Robert"}
		if _, err := directories[winner].CheckFile(t.Context(), again, limits); err != nil {
			t.Errorf("%s: got %v of a name that is free at once, want none", name, err)
		}
		if err := directories[winner].BindFile(t.Context(), again, limits); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range directories {
		eventually(t, "all files are known", func() bool {
			roberts := 0
			for _, file := range d.Files() {
				if file.Owner == "Robert" {
					roberts++
				}
			}
			return len(d.Files()) == 20 && roberts == 10
		})
	}
}
