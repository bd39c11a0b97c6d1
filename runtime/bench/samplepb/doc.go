// Package samplepb is the Protocol Buffers twin of package sample: messages and stubs of
// the peers that speak them, made by the peers' own generators. Package samplepbconnect
// below it holds Connect's.
package samplepb

//go:generate go run ./generate sample.proto
