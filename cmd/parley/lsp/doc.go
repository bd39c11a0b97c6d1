// Package lsp is Parley's language server: an editor talks to it in the Language Server Protocol, version 3.17.
//
// One file a verb: diagnostics.go, format.go, definition.go, references.go, rename.go, hover.go, completion.go,
// outline.go and symbols.go. Below them:
//
//	server.go, dispatch.go    the conversation: its life, requests in order, cancellation
//	protocol.go               the part of the protocol that is spoken here
//	text.go                   offsets of bytes <-> positions of the protocol
//	document.go               what the editor has open, and how it changes
//	workspace.go, overlay.go  packages: what is on disk, with the open documents in front of it
//	uses.go                   where a file declares names, and where it uses them
//	place.go, words.go        what may be written at a place; what the language's own words mean
//
// Mistakes, and whether a new name is a good one, are for packages idl and gen to say, warnings for lint. Everything else
// is read off the syntax trees, which are there for a broken file too.
package lsp
