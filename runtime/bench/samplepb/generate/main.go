// Generate does what protoc would: it compiles a .proto file of the current folder and
// hands it to the plugins of the peers, whose versions the module's go.mod fixes as
// tools. So the stubs can be made anew where there is no protoc.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const pathOption = "paths=source_relative"

// plugins are the generators that run, by the names of their tools, with their options.
var plugins = []struct{ name, options string }{
	{"protoc-gen-go", pathOption},
	{"protoc-gen-go-vtproto", pathOption + ",features=marshal+unmarshal+size"},
	{"protoc-gen-go-grpc", pathOption},
	{"protoc-gen-connect-go", pathOption},
	{"protoc-gen-go-drpc", pathOption + ",json=false"},
	{"protoc-gen-go-ttrpc", pathOption + ",prefix=TTRPC"},
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run ./generate FILE.proto")
	}
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// generate compiles the file and writes what each plugin makes of it.
func generate(name string) error {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{}),
		SourceInfoMode: protocompile.SourceInfoStandard, // it carries the comments
	}
	files, err := compiler.Compile(context.Background(), name)
	if err != nil {
		return err
	}
	descriptors := inOrder(files[0], nil)
	for _, plugin := range plugins {
		if err := run(plugin.name, &pluginpb.CodeGeneratorRequest{
			FileToGenerate: []string{name},
			Parameter:      proto.String(plugin.options),
			ProtoFile:      descriptors,
		}); err != nil {
			return fmt.Errorf("%s: %w", plugin.name, err)
		}
	}
	return nil
}

// inOrder appends file to list, and before it what it imports, each file once: the order
// that plugins ask for.
func inOrder(file protoreflect.FileDescriptor, list []*descriptorpb.FileDescriptorProto) []*descriptorpb.FileDescriptorProto {
	for i := range file.Imports().Len() {
		list = inOrder(file.Imports().Get(i), list)
	}
	for _, present := range list {
		if present.GetName() == file.Path() {
			return list
		}
	}
	if result, ok := file.(linker.Result); ok {
		return append(list, result.FileDescriptorProto())
	}
	return append(list, protodesc.ToFileDescriptorProto(file))
}

// run gives request to a plugin and writes the files that it answers with.
func run(plugin string, request *pluginpb.CodeGeneratorRequest) error {
	in, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	command := exec.Command("go", "tool", plugin)
	command.Stdin, command.Stderr = bytes.NewReader(in), os.Stderr
	out, err := command.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(out, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return fmt.Errorf("%s", response.GetError())
	}
	for _, file := range response.File {
		if err := os.MkdirAll(filepath.Dir(file.GetName()), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file.GetName(), []byte(file.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
