package registry_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// anyFiles lets a user have as many files as she likes.
var anyFiles = registry.FileLimits{Files: -1, Bytes: -1}

// fileOf returns a file whose SHA-256 is its content, as far as these tests are concerned.
func fileOf(owner, name, content string, holders ...string) justchat.File {
	return justchat.File{Name: name, Size: uint64(len(content)), SHA256: []byte(content), Owner: owner, Holders: holders}
}

func TestFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here, there := openDesk(t, m), openDesk(t, m)
		works(t, "bind", here.BindFile(ctx, fileOf("Elon", "SELDOM_2016.png", "abc", "s2", "s1", "s2"), anyFiles))
		here.has(t, "SELDOM_2016.png=abc[s1 s2]")
		works(t, "bind again", there.BindFile(ctx, fileOf("Elon", "SELDOM_2016.png", "abc", "s2"), anyFiles))
		works(t, "bind with other holders", there.BindFile(ctx, fileOf("Tony", "SELDOM_2016.png", "abc", "s3", "s1"), anyFiles))
		taken := fails[*justchat.FileExists](t, "bind to other bytes", here.BindFile(ctx, fileOf("Elon", "SELDOM_2016.png", "def"), anyFiles))
		if taken.Owner != "Elon" {
			t.Errorf("got owner %q, want Elon", taken.Owner)
		}
		works(t, "bind a name in another case", here.BindFile(ctx, fileOf("Tony", "Seldom_2016.png", "ghi"), anyFiles))
		for _, d := range []*desk{here, there} {
			d.has(t, "SELDOM_2016.png=abc[s1 s2 s3] Seldom_2016.png=ghi[]")
		}
	})
}

func TestRemoveFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here, there := openDesk(t, m), openDesk(t, m)
		works(t, "bind", here.BindFile(ctx, fileOf("Elon", "Caf\u00e9", "abc"), anyFiles))
		_, err := there.RemoveFile(ctx, "Caf\u00e9", "Tony")
		if notOwner := fails[*loadbalancer.NotOwner](t, "remove another's", err); notOwner.Owner != "Elon" {
			t.Errorf("got owner %q, want Elon", notOwner.Owner)
		}
		_, err = there.RemoveFile(ctx, "caf\u00e9", "Elon")
		fails[*justchat.NoSuchFile](t, "remove a name in another case", err)
		removed, err := there.RemoveFile(ctx, "Cafe\u0301", "eLON") // letter and accent apart
		works(t, "remove", err)
		if string(removed.SHA256) != "abc" {
			t.Errorf("got %v removed, want abc", removed)
		}
		_, err = here.RemoveFile(ctx, "Caf\u00e9", "Elon")
		fails[*justchat.NoSuchFile](t, "remove again", err)
		works(t, "bind at once, to other bytes", here.BindFile(ctx, fileOf("Tony", "Caf\u00e9", "def"), anyFiles))
		for _, d := range []*desk{here, there} {
			d.has(t, "Caf\u00e9=def[]")
		}
		_, err = here.RemoveFile(ctx, "Caf\u00e9", "")
		works(t, "remove as an operator", err)
		for _, d := range []*desk{here, there} {
			d.has(t, "")
		}
	})
}

// TestHoldFile has a server copy a file that is removed meanwhile.
func TestHoldFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here, there := openDesk(t, m), openDesk(t, m)
		works(t, "bind", here.BindFile(ctx, fileOf("Elon", "a", "abc", "s1"), anyFiles))
		var wait sync.WaitGroup
		for i := range 9 {
			wait.Go(func() {
				if err := there.HoldFile(ctx, fileOf("", "a", "abc", fmt.Sprint("t", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		here.has(t, "a=abc[s1 t0 t1 t2 t3 t4 t5 t6 t7 t8]")
		fails[*justchat.NoSuchFile](t, "hold other bytes", there.HoldFile(ctx, fileOf("", "a", "def", "s2")))
		_, err := here.RemoveFile(ctx, "a", "Elon")
		works(t, "remove", err)
		fails[*justchat.NoSuchFile](t, "hold what was removed", there.HoldFile(ctx, fileOf("", "a", "abc", "s2")))
		for _, d := range []*desk{here, there} {
			d.has(t, "")
		}
		m.SetQuorum(false)
		fails[*justchat.NoQuorum](t, "hold without quorum", there.HoldFile(ctx, fileOf("", "a", "abc", "s2")))
	})
}

// TestRemoveUnreadableFile has an operator remove what nobody can own.
func TestRemoveUnreadableFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here := openDesk(t, m)
		_, err := m.Create(ctx, "files/a", []byte("\xff\xff\xff"), nil)
		works(t, "create", err)
		if _, err := here.RemoveFile(ctx, "a", "Elon"); err == nil {
			t.Error("a user removed what cannot be read, want an error")
		}
		_, err = here.RemoveFile(ctx, "a", "")
		works(t, "remove as an operator", err)
		works(t, "bind", here.BindFile(ctx, fileOf("Elon", "a", "abc"), anyFiles))
	})
}

// TestFileRaces has two owners bind each of many names, and the winner remove it twice at once.
func TestFileRaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		desks := []*desk{openDesk(t, m), openDesk(t, m)}
		for race := range 100 {
			var wait sync.WaitGroup
			name, owners, errs := fmt.Sprint("file", race), []string{"Elon", "Tony"}, make([]error, 2)
			for i, owner := range owners {
				wait.Go(func() { errs[i] = desks[i].BindFile(t.Context(), fileOf(owner, name, "of "+owner), anyFiles) })
			}
			wait.Wait()
			winner := 0
			if errs[0] != nil {
				winner = 1
			}
			works(t, "the winner", errs[winner])
			if lost := fails[*justchat.FileExists](t, "who lost", errs[1-winner]); lost.Owner != owners[winner] {
				t.Errorf("got that it is %s's, want %s's", lost.Owner, owners[winner])
			}
			synctest.Wait()
			for _, d := range desks {
				if file, _ := d.File(name); file.Owner != owners[winner] {
					t.Errorf("got %s's file, want that of the winner, %s", file.Owner, owners[winner])
				}
			}
			removed := make([]error, 2)
			for i := range removed {
				wait.Go(func() { _, removed[i] = desks[i].RemoveFile(t.Context(), name, owners[winner]) })
			}
			wait.Wait()
			if (removed[0] == nil) == (removed[1] == nil) {
				t.Errorf("got %v and %v of two who remove a file at once, want one to find it", removed[0], removed[1])
			}
		}
	})
}

func TestHoldersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		desks := []*desk{openDesk(t, m), openDesk(t, m)}
		var wait sync.WaitGroup
		for i := range 9 {
			wait.Go(func() {
				file := fileOf("Elon", "a", "abc", fmt.Sprint("s", i))
				if err := desks[i%2].BindFile(t.Context(), file, registry.FileLimits{Files: 1, Bytes: 3}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for _, d := range desks {
			d.has(t, "a=abc[s0 s1 s2 s3 s4 s5 s6 s7 s8]")
		}
	})
}

func TestFileLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here, there := openDesk(t, m), openDesk(t, m)
		limits := registry.FileLimits{Files: 2, Bytes: 3 << 9}
		bind := func(d *desk, owner, name string, size int) error {
			synctest.Wait() // the caches know
			return d.BindFile(ctx, fileOf(owner, name, strings.Repeat(name, size)), limits)
		}
		works(t, "the first", bind(here, "Elon", "a", 512))
		tooMuch := fails[*justchat.TooMuch](t, "one byte too many", bind(there, "Elon", "b", 1025))
		want := "b is too much: the public files of Elon would have 1537 B together, and those of a user may have 1536 B; remove some first"
		if got := tooMuch.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		works(t, "as many bytes as may be", bind(there, "Elon", "b", 1024))
		tooMuch = fails[*justchat.TooMuch](t, "one file too many", bind(here, "Elon", "c", 0))
		if got, want := tooMuch.Error(), "c is too much: Elon has 2 public files, and a user may have 2; remove one first"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		works(t, "another's", bind(here, "Tony", "d", 1024))
		limits.Files = 1
		tooMuch = fails[*justchat.TooMuch](t, "the second of one", bind(here, "Tony", "e", 0))
		if got, want := tooMuch.Error(), "e is too much: Tony has 1 public file, and a user may have 1; remove one first"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		limits.Files = 2
		works(t, "another holder", bind(here, "Elon", "b", 1024))
		fails[*justchat.FileExists](t, "other bytes, and too many", bind(here, "Elon", "d", 1))
		synctest.Wait()
		for _, d := range []*desk{here, there} { // what will not be taken is known before
			_, err := d.CheckFile(ctx, fileOf("Elon", "c", ""), limits)
			fails[*justchat.TooMuch](t, "check one too many", err)
		}
		_, err := here.RemoveFile(ctx, "a", "Elon")
		works(t, "remove", err)
		works(t, "a third, in the place of one that was removed", bind(here, "Elon", "c", 1))
	})
}

// TestFileLimitsAtOnce has ten files come at once, where there is room for three.
func TestFileLimitsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		here := openDesk(t, m)
		errs := make(chan error)
		for i := range 10 {
			go func() {
				errs <- here.BindFile(t.Context(), fileOf("Elon", fmt.Sprint("file", i), "abc"), registry.FileLimits{Files: -1, Bytes: 11})
			}()
		}
		bound := 0
		for range 10 {
			if err := <-errs; err == nil {
				bound++
			} else {
				fails[*justchat.TooMuch](t, "one too many", err)
			}
		}
		if bound != 3 {
			t.Errorf("got %d files of 3 bytes where 11 are allowed, want 3", bound)
		}
	})
}

func TestCheckFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		f := newFaulty(m)
		here, there := openDesk(t, m), openDesk(t, f)
		file, other := fileOf("Elon", "a", "abc", "s1"), fileOf("Tony", "a", "def")
		check := func(file justchat.File) (*justchat.File, error) { return there.CheckFile(ctx, file, anyFiles) }
		if got, err := check(file); got != nil || err != nil {
			t.Errorf("got %v, %v of a free name, want nothing", got, err)
		}
		works(t, "bind", here.BindFile(ctx, file, anyFiles))
		synctest.Wait()
		if got, err := check(fileOf("Tony", "a", "abc")); err != nil || got == nil || got.Owner != "Elon" || len(got.Holders) != 1 {
			t.Errorf("got %v, %v of the same bytes, want Elon's file", got, err)
		}
		_, err := check(other)
		fails[*justchat.FileExists](t, "check other bytes", err)

		release := f.hold() // the cache hears nothing from now on
		_, err = here.RemoveFile(ctx, "a", "Elon")
		works(t, "remove", err)
		for _, f := range []justchat.File{file, other} {
			if got, err := check(f); got != nil || err != nil {
				t.Errorf("got %v, %v of a name that is free since a moment ago, want nothing", got, err)
			}
		}
		release()
		works(t, "bind other bytes", here.BindFile(ctx, other, anyFiles))
		synctest.Wait()
		m.SetQuorum(false)
		_, err = check(file)
		if taken := fails[*justchat.FileExists](t, "check without quorum", err); taken.Owner != "Tony" {
			t.Errorf("got owner %q, want Tony", taken.Owner)
		}
	})
}

func TestFilesWithoutQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here := openDesk(t, m)
		works(t, "bind", here.BindFile(ctx, fileOf("Elon", "a", "abc"), anyFiles))
		m.SetQuorum(false)
		time.Sleep(time.Second)
		here.has(t, "a=abc[] no quorum")
		_, err := here.RemoveFile(ctx, "a", "Elon")
		refused := fails[*justchat.NoQuorum](t, "remove", err)
		if got, want := refused.Error(), "removing a file is not possible until the registry has its quorum again; chat and known logins go on"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		fails[*justchat.NoQuorum](t, "bind a new name", here.BindFile(ctx, fileOf("Elon", "b", "abc"), anyFiles))
		fails[*justchat.NoQuorum](t, "add a holder", here.BindFile(ctx, fileOf("Elon", "a", "abc", "s1"), anyFiles))
		here.has(t, "a=abc[] no quorum")
		m.SetQuorum(true)
		time.Sleep(time.Second)
		_, err = here.RemoveFile(ctx, "a", "Elon")
		works(t, "remove", err)
		here.has(t, "")
	})
}
