// Package client is a person's way into the chat room, without the person: it
// keeps her in it while load balancers and servers come and go, brings what she
// says to the room until that is acknowledged, and hands over what others say, each
// message once. A line interface, a full screen, a test and a load generator all
// sit on top of it; package console is the first of these.
//
//	balancer ──JoinChatService──► a load balancer      she is here as long as the stream is
//	    │  ◄──UpdateRpcChatServer──                     an order: go to that server
//	    ▼
//	  link ──ConnectionInit, SendPublicMsg──► a server  one at a time; a new one takes over from
//	    │  ◄──ReceiveMessage──                          the old one once it has welcomed us
//	    ▼
//	  seek ──ServerFailed──► the load balancer          the server is lost: who is next?
//
//	outbox   what she said to all, in order, until a server has acknowledged it
//	letters  what she said to one, in order, until that one's client has acknowledged it:
//	         directly where it can be dialled, else through the servers
//	parcels  the files that she shares and gets, see package parcels; carry.go is how they reach others, by
//	         the same ways
//
// Load balancer, server, the clients that dial us and those that we dial reach four different faces of the client: each
// can call what is its own business, over its own connection, and nothing else.
//
// An idle client has two goroutines and two connections of its own; what else it does runs in
// goroutines that end when there is nothing left to do.
package client
