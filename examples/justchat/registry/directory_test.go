package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// fails fails the test unless the error has the type of E.
func fails[E error](t *testing.T, what string, err error) (e E) {
	t.Helper()
	if !errors.As(err, &e) {
		t.Errorf("%s: got error %v, want a %T", what, err, e)
	}
	return e
}

func works(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: got error %v, want none", what, err)
	}
}

func TestUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here, there := openDesk(t, m), openDesk(t, m)
		<-here.Ready()
		<-there.Ready()
		works(t, "sign up", here.SignUp(ctx, person("Elon", "1")))
		if user, found := here.User("elon"); !found || user.State.User != "Elon" {
			t.Errorf("got user %v %t at once, want Elon", user, found)
		}
		there.heard(t, "Elon:1")
		fails[*loadbalancer.NameTaken](t, "sign up a name that looks the same", there.SignUp(ctx, person("elon", "2")))
		works(t, "sign up", there.SignUp(ctx, person("Tony", "1")))
		here.heard(t, "Elon:1 Tony:1")
		works(t, "update", there.UpdateUser(ctx, "elon", func(user *loadbalancer.User) { *user = person("Robert", "3") }))
		here.has(t, "Elon:3 Tony:1")
		here.heard(t, "Elon:3")
		there.heard(t, "Tony:1 Elon:3")

		works(t, "remove", here.RemoveUser(ctx, "ELON"))
		here.heard(t, "-Elon:3")
		fails[*loadbalancer.UnknownUser](t, "remove again", there.RemoveUser(ctx, "Elon"))
		fails[*loadbalancer.UnknownUser](t, "update", there.UpdateUser(ctx, "Elon", func(*loadbalancer.User) {}))
		works(t, "sign up a free name", there.SignUp(ctx, person("elon", "4")))
		here.has(t, "Tony:1 elon:4")
		there.has(t, "Tony:1 elon:4")
		here.heard(t, "elon:4")
	})
}

func TestNameRaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		desks := []*desk{openDesk(t, m), openDesk(t, m), openDesk(t, m)}
		for race := range 100 {
			var wait sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				wait.Go(func() {
					errs[i] = desks[i%3].SignUp(t.Context(), person(fmt.Sprint("User", race), fmt.Sprint(i)))
				})
			}
			wait.Wait()
			winners := 0
			for i, err := range errs {
				if err != nil {
					fails[*loadbalancer.NameTaken](t, "who lost", err)
					continue
				}
				winners++
				synctest.Wait()
				for _, d := range desks {
					if user, _ := d.User(fmt.Sprint("user", race)); user.Hash != fmt.Sprint(i) {
						t.Errorf("got the hash of %q, want that of the winner, %d", user.Hash, i)
					}
				}
			}
			if winners != 1 {
				t.Errorf("got %d winners, want 1", winners)
			}
		}
	})
}

func TestUpdatesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := registry.NewMemory()
		desks := []*desk{openDesk(t, m), openDesk(t, m)}
		works(t, "sign up", desks[0].SignUp(t.Context(), person("Elon", "")))
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				err := desks[i%2].UpdateUser(t.Context(), "Elon", func(user *loadbalancer.User) { user.Hash += "." })
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for _, d := range desks {
			d.has(t, "Elon:....................")
		}
	})
}

func TestWithoutQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		here, there := openDesk(t, m), openDesk(t, m)
		works(t, "sign up", here.SignUp(ctx, person("Elon", "1")))
		there.has(t, "Elon:1")
		m.SetQuorum(false)
		time.Sleep(time.Second)
		here.has(t, "Elon:1 no quorum")
		there.has(t, "Elon:1 no quorum")
		refused := fails[*justchat.NoQuorum](t, "sign up", here.SignUp(ctx, person("Tony", "1")))
		if got, want := refused.Error(), "signing up is not possible until the registry has its quorum again; chat and known logins go on"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		fails[*justchat.NoQuorum](t, "update", here.UpdateUser(ctx, "Elon", func(*loadbalancer.User) {}))
		fails[*justchat.NoQuorum](t, "remove", here.RemoveUser(ctx, "Elon"))
		fails[*justchat.NoQuorum](t, "bind", here.BindFile(ctx, justchat.File{Name: "a"}, anyFiles))
		time.Sleep(time.Hour)
		m.SetQuorum(true)
		works(t, "sign up with quorum again", here.SignUp(ctx, person("Tony", "1")))
		here.has(t, "Elon:1 Tony:1")
		time.Sleep(time.Second)
		there.has(t, "Elon:1 Tony:1")

		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := here.SignUp(gone, person("Robert", "1")); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v from a call that was cancelled, want that", err)
		}
		here.has(t, "Elon:1 Tony:1") // and quorum, still
	})
}

func TestWatchFallsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		f := newFaulty(m)
		here, there := openDesk(t, m), openDesk(t, f)
		works(t, "sign up", here.SignUp(ctx, person("Elon", "1")))
		works(t, "sign up", here.SignUp(ctx, person("Tony", "1")))
		there.heard(t, "Elon:1 Tony:1")
		release := f.hold()
		works(t, "remove", here.RemoveUser(ctx, "Elon"))
		synctest.Wait() // the watch has taken this from the registry, and no more
		works(t, "sign up", here.SignUp(ctx, person("Robert", "1")))
		forget(t, m)
		there.has(t, "Elon:1 Tony:1")
		release()
		time.Sleep(time.Second)
		there.has(t, "Robert:1 Tony:1")
		there.heard(t, "-Elon:1 Robert:1")
		works(t, "sign up", here.SignUp(ctx, person("Natasha", "1")))
		there.heard(t, "Natasha:1")
		if f.listing != 2 {
			t.Errorf("listed %d times, want 2", f.listing)
		}
	})
}

func TestWatchBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		f := newFaulty(m)
		here, there := openDesk(t, m), openDesk(t, f)
		works(t, "sign up", here.SignUp(ctx, person("Elon", "1")))
		there.heard(t, "Elon:1")
		begun := time.Now()
		for range 20 {
			f.breaks <- errors.New("the line broke")
			synctest.Wait()
		}
		if took := time.Since(begun); took < 10*time.Second || took > 20*time.Second {
			t.Errorf("20 watches that broke at once took %s, want pauses that grow to a second", took)
		}
		there.has(t, "Elon:1")
		works(t, "sign up", here.SignUp(ctx, person("Tony", "1")))
		time.Sleep(time.Second)
		there.heard(t, "Tony:1")
	})
}

// TestWritesOvertakeTheWatch has news of old writes come after newer ones were made here.
func TestWritesOvertakeTheWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		f := newFaulty(m)
		here, there := openDesk(t, f), openDesk(t, m)
		synctest.Wait()
		release := f.hold()
		works(t, "sign up", there.SignUp(ctx, person("Elon", "1")))
		works(t, "update", there.UpdateUser(ctx, "Elon", func(user *loadbalancer.User) { user.Hash = "2" }))
		works(t, "update", here.UpdateUser(ctx, "Elon", func(user *loadbalancer.User) { user.Hash += "3" }))
		here.has(t, "Elon:23")
		works(t, "sign up", here.SignUp(ctx, person("Tony", "1")))
		here.heard(t, "Elon:23 Tony:1")
		works(t, "remove", here.RemoveUser(ctx, "Tony"))
		here.has(t, "Elon:23")
		here.heard(t, "-Tony:1")
		release()
		here.has(t, "Elon:23")
		here.heard(t, "")
		works(t, "sign up", there.SignUp(ctx, person("Tony", "2")))
		here.heard(t, "Tony:2")
	})
}

func TestFill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		old := openDesk(t, m)
		works(t, "sign up", old.SignUp(ctx, person("Elon", "1")))
		works(t, "bind", old.BindFile(ctx, justchat.File{Name: "a", SHA256: []byte("x")}, anyFiles))
		old.AddServer(justchat.ServerNode{Name: "s1", Address: "h:1", Start: 1}, time.Second)
		old.has(t, "Elon:1 s1@h:1/1 a=x[]")
		data := old.Data()
		data.Users = append(data.Users, person("Hearsay", "1"))
		m.SetQuorum(false)
		fresh := openDesk(t, m)
		fresh.has(t, "no quorum")
		fresh.Fill(data)
		fresh.has(t, "Elon:1 Hearsay:1 s1@h:1/1 a=x[] no quorum")
		fresh.heard(t, "Elon:1 Hearsay:1 s1@h:1/1")
		select {
		case <-fresh.Ready():
			t.Error("the cache is ready, though the registry was never read")
		default:
		}
		m.SetQuorum(true)
		<-fresh.Ready()
		fresh.has(t, "Elon:1 s1@h:1/1 a=x[]")
		fresh.heard(t, "-Hearsay:1")
		fresh.Fill(data)
		fresh.has(t, "Elon:1 s1@h:1/1 a=x[]")
	})
}

// TestAnotherRegistry restores the registry from a backup while a watch waits for revisions that it had.
func TestAnotherRegistry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, backup, ctx := registry.NewMemory(), registry.NewMemory(), t.Context()
		f := newFaulty(old)
		here := openDesk(t, f)
		works(t, "sign up", here.SignUp(ctx, person("Elon", "1")))
		works(t, "sign up", here.SignUp(ctx, person("Tony", "1")))
		here.heard(t, "Elon:1 Tony:1")
		there := openDesk(t, backup)
		works(t, "sign up", there.SignUp(ctx, person("Elon", "0")))
		f.become(backup)
		time.Sleep(2 * time.Second)
		here.has(t, "Elon:0")
		works(t, "sign up", there.SignUp(ctx, person("Robert", "0")))
		here.has(t, "Elon:0 Robert:0")
	})
}

func TestUnreadableEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := registry.NewMemory(), t.Context()
		for _, key := range []string{"users/elon", "files/a", "servers/a", "servers/", "nobody/knows", "x"} {
			_, err := m.Create(ctx, key, []byte("\xff\xff\xff"), nil)
			works(t, "create", err)
		}
		here := openDesk(t, m)
		<-here.Ready()
		here.has(t, "")
		fails[*loadbalancer.NameTaken](t, "sign up over an unreadable user", here.SignUp(ctx, person("Elon", "1")))
		if err := here.UpdateUser(ctx, "Elon", func(*loadbalancer.User) {}); err == nil {
			t.Error("an unreadable user was updated, want an error")
		}
		works(t, "remove", here.RemoveUser(ctx, "Elon"))
		works(t, "sign up", here.SignUp(ctx, person("Elon", "1")))
		here.has(t, "Elon:1")
	})
}
