package loadbalancer

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/generated/justchat/server/servertest"
	"github.com/parley-rpc/parley/runtime"
)

func fileOf(owner, name, content string, holders ...string) justchat.File {
	sum := sha256.Sum256([]byte(content))
	return justchat.File{Name: name, Size: uint64(len(content)), SHA256: sum[:], Owner: owner, Holders: holders}
}

// binds fails the test unless a server can bind a name.
func (s *chatServer) binds(file justchat.File) {
	s.Helper()
	if err := s.NewFile(s.Context(), file); err != nil {
		s.Fatalf("%s: got %v, want it bound", file.Name, err)
	}
}

// lists waits until a load balancer lists these files, with their owners and holders.
func (b *balancer) lists(t testing.TB, want string) {
	t.Helper()
	got := ""
	defer func() {
		if got != want {
			t.Errorf("got the files %q, want %q", got, want)
		}
	}()
	until(t, "the files are in the list", func() bool {
		got = ""
		for _, f := range b.directory.Files() {
			got += fmt.Sprint(f.Name, " of ", f.Owner, f.Holders, "; ")
		}
		return got == want
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	one, two := c.starts("one", all[0]), c.starts("two", all[1])
	elon := c.person("Elon", nil, all[1])
	_, err := collect(elon.GetFileList(t.Context()))
	wantCode(t, err, runtime.CodeFailedPrecondition)
	elon.enters()
	car := fileOf("ELON", "Cafe\u0301.png", "car", "two", "one", "two")
	if there, err := one.CheckFile(t.Context(), car); there != nil || err != nil {
		t.Errorf("got %v, %v of a name that is free, want nothing", there, err)
	}
	one.binds(car) // though this load balancer may not have heard of Elon yet
	two.binds(fileOf("Elon", "Caf\u00e9.png", "car", "three"))
	for _, b := range all {
		b.lists(t, "Caf\u00e9.png of Elon[one three two]; ")
	}
	for what, list := range map[string]func() ([]justchat.File, error){
		"client": func() ([]justchat.File, error) { return collect(elon.GetFileList(t.Context())) },
		"server": func() ([]justchat.File, error) { return collect(one.GetFileList(t.Context())) },
	} {
		if files, err := list(); err != nil || len(files) != 1 || files[0].Name != "Caf\u00e9.png" || files[0].Size != 3 {
			t.Errorf("%s: got files %v, %v, want one", what, files, err)
		}
	}
	there, err := two.CheckFile(t.Context(), fileOf("nobody", "Cafe\u0301.png", "car"))
	if err != nil || there == nil || there.Owner != "Elon" || len(there.Holders) != 3 {
		t.Errorf("got %v, %v of the same bytes, want Elon's file", there, err)
	}
	other := fileOf("Elon", "Caf\u00e9.png", "another car", "one")
	_, err = two.CheckFile(t.Context(), other)
	for _, err := range []error{err, one.NewFile(t.Context(), other)} {
		if taken := wantError[*justchat.FileExists](t, err); taken != nil && taken.Owner != "Elon" {
			t.Errorf("got that it is by %q, want Elon", taken.Owner)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	c := newCluster(t)
	b := c.balancers(1)[0]
	server := c.starts("one", b)
	elon, banned := c.person("Elon", nil, b), c.person("Banned", nil, b)
	elon.enters()
	banned.enters()
	admin := api.NewAdminServiceClient(c.dial(identity.Operator, b.Address()))
	if err := admin.Moderate(t.Context(), justchat.UserState{User: "Banned", Banned: true}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func(*justchat.File)
		want   string // in what is said
	}{
		{func(f *justchat.File) { f.Name = "" }, "empty"},
		{func(f *justchat.File) { f.Name = "../a" }, "is refused"},
		{func(f *justchat.File) { f.Name = "a\x1b[2Jb" }, "is refused"},
		{func(f *justchat.File) { f.Name = strings.Repeat("x", 100_000) }, "longer"},
		{func(f *justchat.File) { f.SHA256 = nil }, "SHA-256"},
		{func(f *justchat.File) { f.SHA256 = make([]byte, 33) }, "SHA-256"},
		{func(f *justchat.File) { f.Size = 1 << 63 }, "as large"},
		{func(f *justchat.File) { f.Owner = "" }, "owns it"},
		{func(f *justchat.File) { f.Owner = "Nobody" }, "nobody has signed up as Nobody"},
		{func(f *justchat.File) { f.Owner = strings.Repeat("x", 100_000) }, "owns it"},
		{func(f *justchat.File) { f.Owner = "Banned" }, "banned"},
		{func(f *justchat.File) { f.Holders = nil }, "no server holds it"},
		{func(f *justchat.File) { f.Holders = []string{"one", ""} }, "no server holds it"},
		{func(f *justchat.File) { f.Holders = []string{"a\nb"} }, "no server holds it"},
	} {
		file := fileOf("Elon", "a", "abc", "one")
		test.change(&file)
		errs := []error{server.NewFile(t.Context(), file)}
		if test.want != "no server holds it" { // which is not known before
			_, err := server.CheckFile(t.Context(), file)
			errs = append(errs, err)
		}
		for _, err := range errs {
			wantError[*justchat.RefusedFile](t, err)
			if err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 1000) {
				t.Errorf("got %q, want what is wrong: %q", err, test.want)
			}
		}
	}
	b.lists(t, "")
}

// Whoever owned a file may be gone for good: it is kept on more servers all the same.
func TestHoldersOfAGoneOwner(t *testing.T) {
	c := newCluster(t)
	b := c.balancers(1)[0]
	server := c.starts("one", b)
	elon := c.person("Elon", nil, b)
	elon.enters()
	server.binds(fileOf("Elon", "a", "abc", "one"))
	if err := api.NewAdminServiceClient(c.dial(identity.Operator, b.Address())).RemoveUser(t.Context(), "Elon"); err != nil {
		t.Fatal(err)
	}
	next(t, "the end", elon.ended)
	if err := server.HoldFile(t.Context(), fileOf("Elon", "a", "abc", "two")); err != nil {
		t.Error(err)
	}
	b.lists(t, "a of Elon[one two]; ")
	for _, file := range []justchat.File{fileOf("Elon", "a", "other", "two"), fileOf("Elon", "a", "abc"), fileOf("Elon", "a", "abc", ""),
		fileOf("Elon", "b", "abc", "two"), fileOf("Elon", "../a", "abc", "two")} {
		wantError[*justchat.NoSuchFile](t, server.HoldFile(t.Context(), file))
	}
	wantError[*justchat.RefusedFile](t, server.NewFile(t.Context(), fileOf("Elon", "b", "abc", "two")))
	b.lists(t, "a of Elon[one two]; ")
}

// Two share a file each under one name, by two load balancers: exactly one has it.
func TestFileRaces(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	owners, servers := []string{"Elon", "Tony"}, []*chatServer{c.starts("one", all[0]), c.starts("two", all[1])}
	for i, name := range owners {
		c.person(name, nil, all[i]).enters()
	}
	for race := range 50 {
		name, errs := fmt.Sprint("file", race), make([]error, 2)
		var wait sync.WaitGroup
		for i, owner := range owners {
			wait.Go(func() { errs[i] = servers[i].NewFile(t.Context(), fileOf(owner, name, "of "+owner, "one")) })
		}
		wait.Wait()
		winner := slices.Index(errs, nil)
		if winner < 0 {
			t.Fatalf("got %v, want one winner", errs)
		}
		if lost := wantError[*justchat.FileExists](t, errs[1-winner]); lost != nil && lost.Owner != owners[winner] {
			t.Errorf("got that it is by %s, want %s", lost.Owner, owners[winner])
		}
	}
}

func TestFileLimits(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.limits.UserFiles, c.limits.UserBytes = 2, 10
	all := c.balancers(2)
	server := c.starts("one", all[0])
	elon, tony := c.person("Elon", nil, all[0]), c.person("Tony", nil, all[0])
	elon.enters()
	tony.enters()
	tooMuch := func(file justchat.File, want string) {
		t.Helper()
		_, err := server.CheckFile(t.Context(), file)
		for _, err := range []error{err, server.NewFile(t.Context(), file)} {
			if wantError[*justchat.TooMuch](t, err); err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want %q", err, want)
			}
		}
	}
	server.binds(fileOf("Elon", "a", "12345", "one"))
	tooMuch(fileOf("elon", "b", "123456", "one"), "a user may have 10 B")
	server.binds(fileOf("elon", "b", "12345", "one"))
	tooMuch(fileOf("Elon", "c", "", "one"), "a user may have 2")
	server.binds(fileOf("Elon", "b", "12345", "two"))
	server.binds(fileOf("Tony", "c", "1234567890", "one"))
	if err := elon.RemoveFile(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	server.binds(fileOf("Elon", "d", "12345", "one"))
	for _, b := range all {
		b.lists(t, "b of Elon[one two]; c of Tony[one]; d of Elon[one]; ")
	}
}

// hears returns a server that is told what to delete.
func (c *cluster) hears(name string, at ...*balancer) (*chatServer, <-chan string) {
	c.Helper()
	var listener net.Listener
	var heart net.PacketConn
	for try := 0; heart == nil; try++ {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			c.Fatal(err)
		}
		if heart, err = net.ListenPacket("udp", listener.Addr().String()); err == nil {
			break
		}
		if listener.Close(); try == 20 {
			c.Fatal(err)
		}
	}
	tls, err := c.NodeTLS(identity.Server, name)
	if err != nil {
		c.Fatal(err)
	}
	deleted := make(chan string, 100)
	server := runtime.NewServer(runtime.WithTLS(tls))
	serverapi.RegisterNodeService(server, &servertest.FakeNodeService{DeleteFileFunc: func(ctx context.Context, sum []byte) error {
		deleted <- fmt.Sprintf("%x by a %s", sum[:4], identity.PeerOf(ctx).Role)
		return nil
	}})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // the cleanup ends it
	c.Cleanup(func() { server.Close(); <-served })
	return c.startsAt(heart, name, at...), deleted
}

func TestRemoveFile(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	one, toOne := c.hears("one", all[0])
	_, toTwo := c.hears("two", all[1])
	mute := c.starts("mute", all[0]) // its heart beats, but it answers no calls
	for _, b := range all {
		until(t, "all know all servers", func() bool { return b.Stats().Usable == 3 })
	}
	elon, tony := c.person("Elon", nil, all[0]), c.person("Tony", nil, all[1])
	wantCode(t, elon.RemoveFile(t.Context(), "a"), runtime.CodeFailedPrecondition)
	elon.enters()
	tony.enters()
	for _, name := range []string{"a", "b", "c"} {
		one.binds(fileOf("Elon", name, strings.Replace(name, "b", "a", 1), "one", "two", mute.node.Name)) // a and b are one file
	}
	notOwner := wantError[*api.NotOwner](t, tony.RemoveFile(t.Context(), "a"))
	if notOwner != nil && notOwner.Owner != "Elon" {
		t.Errorf("got owner %q, want Elon", notOwner.Owner)
	}
	for _, name := range []string{"A", "", "x", "../a", strings.Repeat("x", 100_000)} {
		wantError[*justchat.NoSuchFile](t, elon.RemoveFile(t.Context(), name))
	}
	for _, name := range []string{"a", "c"} {
		if err := elon.RemoveFile(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	wantError[*justchat.NoSuchFile](t, elon.RemoveFile(t.Context(), "a"))
	c1 := fileOf("", "", "c")
	for _, told := range []<-chan string{toOne, toTwo} {
		if got, want := next(t, "the order to delete", told), fmt.Sprintf("%x by a loadbalancer", c1.SHA256[:4]); got != want {
			t.Errorf("got %s deleted, want %s", got, want)
		}
	}
	// The name is free for anybody at once, at all load balancers.
	if err := elon.RemoveFile(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	again := fileOf("Tony", "b", "other", "two")
	if there, err := one.CheckFile(t.Context(), again); there != nil || err != nil {
		t.Errorf("got %v, %v, want the name to be free", there, err)
	}
	one.binds(again)
	for _, b := range all {
		b.lists(t, "b of Tony[two]; ")
	}
	a := fileOf("", "", "a")
	if got, want := next(t, "the order to delete", toTwo), fmt.Sprintf("%x by a loadbalancer", a.SHA256[:4]); got != want {
		t.Errorf("got %s deleted, want %s", got, want)
	}
}

func TestFilesWithoutQuorum(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	server := c.starts("one", all[0])
	elon := c.person("Elon", nil, all[1])
	elon.enters()
	server.binds(fileOf("Elon", "a", "abc", "one"))
	for _, b := range all {
		b.lists(t, "a of Elon[one]; ")
	}
	c.registry.SetQuorum(false)
	until(t, "both know it", func() bool { return !all[0].Stats().Quorum && !all[1].Stats().Quorum })
	wantError[*justchat.NoQuorum](t, server.NewFile(t.Context(), fileOf("Elon", "b", "abc", "one")))
	wantError[*justchat.NoQuorum](t, elon.RemoveFile(t.Context(), "a"))
	_, err := server.CheckFile(t.Context(), fileOf("Elon", "a", "other"))
	wantError[*justchat.FileExists](t, err)
	if there, err := server.CheckFile(t.Context(), fileOf("Elon", "b", "abc")); there != nil || err != nil {
		t.Errorf("got %v, %v of a free name, want nothing", there, err)
	}
	files, err := collect(elon.GetFileList(t.Context()))
	if err != nil || len(files) != 1 {
		t.Errorf("got %v, %v, want the list as it was", files, err)
	}
	c.registry.SetQuorum(true)
	until(t, "it is back", func() bool { return elon.RemoveFile(t.Context(), "a") == nil })
}

// TestHoldersThatAnswer: clients are told of those only, and servers of all.
func TestHoldersThatAnswer(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	b := c.balancers(1)[0]
	one, two := c.starts("one", b), c.starts("two", b)
	elon := c.person("Elon", nil, b)
	elon.enters()
	one.binds(fileOf("Elon", "a", "abc", "one", "two", "long gone"))
	until(t, "the file is in the list", func() bool { return b.Stats().Files == 1 })
	wantHolders := func(who string, list iter.Seq2[justchat.File, error], want ...string) {
		t.Helper()
		files, err := collect(list)
		if err != nil || len(files) != 1 || !slices.Equal(files[0].Holders, want) {
			t.Errorf("%s: got %v, %v, want the holders %q", who, files, err, want)
		}
	}
	wantHolders("client", elon.GetFileList(t.Context()), "one", "two")
	two.dies()
	until(t, "the dead one has left the list", func() bool { return b.Stats().Servers == 1 })
	wantHolders("client", elon.GetFileList(t.Context()), "one")
	wantHolders("server", one.GetFileList(t.Context()), "long gone", "one", "two")
}

func TestManyFiles(t *testing.T) {
	c := newCluster(t)
	const many = 10_000
	for i := range many { // by hand, since nobody may have so many
		file := fileOf("Elon", fmt.Sprintf("file %05d", i), fmt.Sprint(i), "one", "two")
		value, err := file.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.registry.Create(t.Context(), "files/"+file.Name, value, nil); err != nil {
			t.Fatal(err)
		}
	}
	b := c.balancers(1)[0]
	c.starts("one", b)
	c.starts("two", b)
	until(t, "all are known", func() bool { return b.Stats().Files == many })
	elon := c.person("Elon", nil, b)
	elon.enters()
	began := time.Now()
	files, err := collect(elon.GetFileList(t.Context()))
	if err != nil || len(files) != many {
		t.Fatalf("got %d files, %v, want %d", len(files), err, many)
	}
	t.Logf("%d files in %v", many, time.Since(began))
	for i, file := range files {
		if want := fileOf("Elon", fmt.Sprintf("file %05d", i), fmt.Sprint(i), "one", "two"); fmt.Sprint(file) != fmt.Sprint(want) {
			t.Fatalf("got %v, want %v", file, want)
		}
	}
	for file, err := range elon.GetFileList(t.Context()) { // who has seen enough holds up nobody
		if err != nil || file.Name != "file 00000" {
			t.Errorf("got %v, %v, want the first", file, err)
		}
		break
	}
	if _, err := elon.GetUserList(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFilesOfOperators(t *testing.T) {
	c := newCluster(t)
	all := c.balancers(2)
	server := c.starts("one", all[0])
	c.person("Elon", nil, all[0]).enters()
	server.binds(fileOf("Elon", "a", "abc", "one"))
	server.binds(fileOf("Elon", "b", "defgh", "one"))
	all[1].lists(t, "a of Elon[one]; b of Elon[one]; ")
	admin := api.NewAdminServiceClient(c.dial(identity.Operator, all[1].Address()))
	status, err := admin.Status(t.Context())
	if err != nil || status.Files != 2 || status.FileBytes != 8 {
		t.Errorf("got %+v, %v, want two files of 8 bytes", status, err)
	}
	if files, err := collect(admin.ListFiles(t.Context())); err != nil || len(files) != 2 || files[1].Name != "b" {
		t.Errorf("got %v, %v, want both files", files, err)
	}
	if err := admin.RemoveFile(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	wantError[*justchat.NoSuchFile](t, admin.RemoveFile(t.Context(), "a"))
	all[0].lists(t, "b of Elon[one]; ")
}
