// Package identity says who is who in a cluster, and proves it: the cluster's
// secret and what follows from it, the certificates of nodes and the roles that
// stand in them, the tokens that load balancers grant, the signatures of
// messages, and the hashes of passwords.
//
//	secret ──HKDF──► the cluster's Ed25519 key ──► its CA certificate, the same on every node
//	                          │                              │ vouches for
//	                          │ signs                        ▼
//	                          ▼                    leaf certificates of nodes, with a role,
//	          tokens: a user's name ◄─► a key      a key of its own at each start
//	                                       │
//	                                       ▼ signs
//	                                   messages
//
// A node holds a [Cluster], which can do all of this. A client holds an
// [Authority], the public half, which it pins when it first meets the cluster,
// as ssh does, and a [Key] of its own for each process. Whoever has the secret can
// be anyone.
//
// # Another secret
//
// [Secret.Rotate] makes a new secret and keeps the old one as accepted. A node
// that has both proves who it is under the new one, and shows with it that either
// vouches for the other. So nodes may get the new file one after the other, while
// the rest have the old one, and clients that pinned the old authority pin the new
// one in its place. Once all nodes have restarted with it and the clients that
// matter have been here, the old line is taken out of the file, and all nodes are
// restarted at once. Until then a thief of the old secret is still a node.
package identity
