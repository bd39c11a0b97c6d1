// Package generated holds the Go code that parley makes of the interface
// definitions in examples: one folder an IDL package, with the package that helps
// to test it below. It is committed, so that the examples build without the tool,
// and a test keeps it fresh.
//
// Every go:generate line stands here, also that of the runtime's own service, whose code
// is part of package runtime. After an edit of a .parley file run go generate ./... from
// anywhere in the module.
package generated

//go:generate go run ../cmd/parley gen -out . ../examples/...
//go:generate go run ../cmd/parley gen ../runtime
