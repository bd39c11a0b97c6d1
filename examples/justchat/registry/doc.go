// Package registry is the small store by which the load balancers of a cluster
// agree: who is signed up, which file a name stands for, which nodes there are.
// It is consistent, and so not always available.
//
// A [Registry] is keys and values with revisions; [Memory] is one in this
// process, for tests and for a room that needs to outlive nothing. A [Directory] is
// what a load balancer makes of it: typed, and in a cache that a watch keeps fresh,
// which goes on answering while the Registry does not.
//
//	              reads                      List, then Watch
//	load balancer ◄───── cache of Directory ◄──────────────── Registry
//	      │                    ▲ at once                          ▲
//	      └────────────────────┴──────────────────────────────────┘
//	                         writes, by Create and Replace
//
// The keys:
//
//	users/SKELETON         a loadbalancer.User, by names.Skeleton of its name
//	files/NAME             a justchat.File, by its name in NFC
//	servers/NAME           a justchat.ServerNode, under a lease
//	loadbalancers/SLOT     the address of a load balancer, under a lease; SLOT is 1, 2, 3 …
//
// Values are in Parley's encoding.
package registry
