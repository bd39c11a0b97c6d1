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
// Arrows point downwards: a [Server] owns sessions, links and the room; the room knows neither
// disk nor network.
package server
