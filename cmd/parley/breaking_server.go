package main

import (
	"context"
	"fmt"
	"path"
	"time"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"golang.org/x/tools/txtar"
)

// describeTimeout is how long a server has to say what it serves.
const describeTimeout = 10 * time.Second

// describe asks the server at address what it serves, and loads that: its packages and all that they import.
func describe(ctx context.Context, address string) (*idl.Schema, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	client := runtime.Dial(address)
	defer client.Close()
	_, text, err := runtime.NewMetaClient(client).Describe(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	archive := txtar.Parse([]byte(text))
	if len(archive.Files) == 0 {
		return nil, fmt.Errorf("%s: the server describes no packages", address)
	}
	files, err := txtar.FS(archive)
	if err != nil {
		return nil, fmt.Errorf("%s: what the server describes: %w", address, err)
	}
	var folders []string
	for _, file := range archive.Files {
		folders = append(folders, path.Dir(file.Name))
	}
	return idl.Load(idl.Root{FS: files, Name: address}, folders...)
}
