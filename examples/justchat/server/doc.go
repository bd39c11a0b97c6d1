// Package server is the role that carries messages: it takes them from clients,
// keeps them on disk, shares them with the other servers, and brings them to the
// clients that are connected to it.
//
// The life of a message to all, and who does each step:
//
//	client ──SendPublicMsg──► accept    checked, given its number and what it comes after
//	                            │
//	                          commit    on this server's disk; one fsync for all that wait
//	                            │
//	                          link      on its way to each other server; one call in flight a peer
//	                            │
//	                          room      on two disks, or alone for a while: acknowledged,
//	                            │       and in the order of showing
//	                          session   ReceiveMessage, to each client from where that stands
//
// What other servers took enters at room, once it is on this server's disk, by their link or
// because this one found that it lacks it (catchup).
//
// The life of a file is drawn in package fileserver, which knows this one as its Host: files.go joins the two.
//
//	client ──SendPublicFile, RelayFile──► files ◄──StoreFile, GetFile, RelayFile──► bulk, a connection of its own to each other server
//	                                        │
//	                                      session   TransferFile, beside the messages: an offer that hangs holds none up
//
// Arrows point downwards: a [Server] owns sessions, links and the room; the room knows neither
// disk nor network; nor do files know what a message is.
package server
