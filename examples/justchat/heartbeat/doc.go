// Package heartbeat tells, by datagrams, which nodes answer.
//
// A ping is answered at once, and by nothing else than a datagram of its own size. Both
// are UDP, big-endian, 48 bytes:
//
//	 0  4  "JCHB"
//	 4  1  version, 1
//	 5  1  kind: 1 ping, 2 answer
//	 6  1  flags: 1 the node is draining; 0 in a ping
//	 7  1  0
//	 8  4  how many clients the node has; 0 in a ping
//	12 20  nonce of the ping, the same in its answer: 4 bytes that name the node, 4 of the
//	       round, both as the sender of the ping counts them, and 12 random ones
//	32 16  HMAC-SHA256, cut to its first 16 bytes, of all before
//
// Whatever has another size, version or kind, or a wrong HMAC, is dropped in silence. An
// answer counts if its nonce is that of a ping to that node within the last 32 rounds,
// and counts once. Where it comes from does not matter: a node may have several
// addresses.
//
// Whoever has not the key can do no more than the network itself: lose datagrams, or
// carry them elsewhere. A ping that is carried to another node of the cluster is answered
// by that one.
package heartbeat
