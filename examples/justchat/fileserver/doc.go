// Package fileserver is the part of a server that has to do with files: it takes public ones from clients, keeps
// them, and gives them to whoever asks; private ones it only passes on. What it needs of the rest of the server
// is a [Host].
//
// Whoever is to have bytes asks for them, from an offset on. So a broken line costs only what was on its way, and what
// sends needs to know nothing of who receives.
//
// The life of a public file, and who does each step:
//
//	client ──SendPublicFile──► share     checked, and asked of a load balancer whether its name is free
//	                             │
//	client ◄──GetFile──────── fetch      its bytes come into the store, unless they are there
//	                             │
//	server ◄──StoreFile────── share      another server fetches them from this one
//	                             │
//	balancer ◄──NewFile────── share      its name is bound
//	                             │
//	clients ◄──TransferFile── offers     everyone is asked, here and, by SendPublicFile, at the other servers
//	                             │
//	client ──GetFile─────────► send      whoever wants it: from the store, or passed on from a server that has it
//	                             │
//	balancer ◄─GetFileList─── keeper     copied if too few servers hold it, and removed once no name stands for it
//
// A server without room for a file lends it: StoreFile has another server fetch it from this one, which passes on what the client
// sends, and keeps none of it.
//
// A private file whose receiver cannot be dialled, by relay:
//
//	sender ──RelayFile──► server ──RelayFile──► server ──TransferFilePrivate──► receiver   the offer, while it stands
//	sender ◄──GetFile──── server ◄─GetPrivateFile── server ◄──GetPrivateFile─── receiver   the bytes, the same way back
//
// Memory is bounded by a window for each stream, whatever the size of the file.
package fileserver
