package cmd

import (
	"path"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestDescribedSchemaLoads asks a server for its interface definition, and loads that as a
// tool would that has nothing but the address.
func TestDescribedSchemaLoads(t *testing.T) {
	server := runtime.NewServer()
	rpcchat.RegisterChat(server, nil)
	services, text, err := runtime.NewMetaClient(runtimetest.InProcess(t, server)).Describe(t.Context())
	if err != nil || len(services) != 1 {
		t.Fatalf("got services %q, %v, want one", services, err)
	}

	root := fstest.MapFS{}
	var folder string
	for _, f := range txtar.Parse([]byte(text)).Files {
		root[f.Name] = &fstest.MapFile{Data: f.Data}
		folder = path.Dir(f.Name)
	}
	schema, err := idl.Load(idl.Root{FS: root}, folder)
	if err != nil {
		t.Fatalf("%v; the text is:\n%s", err, text)
	}
	chat, ok := schema.Package(folder).Lookup("Chat").(*idl.Service)
	if !ok || chat.FullName() != services[0] {
		t.Errorf("got service %v, want %s", chat, services[0])
	}
}
