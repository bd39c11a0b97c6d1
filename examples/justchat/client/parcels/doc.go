// Package parcels is the files of one client that are on their way: what becomes of each, and when. It knows nothing of
// connections; a [Network] makes single attempts for it, and package client hands it what others ask for.
//
// What is sent. Every attempt makes the same offer, by whatever way there is; the other side pulls the bytes, see
// [Set.Pieces], and its stream says how far it is.
//
//	Hashing ─► Asking ─► Moving ─► Finished             the stream has ended without an error
//	             ▲  │      │  ▲
//	             │  ▼      ▼  │
//	             Waiting ◄────┘                         the attempt has failed: the next, until Limits.Unreached
//	any of them ─► Declined, Cancelled, Broken          the other side's answer; either person's; what no attempt mends
//
// What is received. An offer to us is known by (client, number), however often and by whatever way it is made; the call
// that came last carries it, and is where bytes are pulled from.
//
//	offered ─► accepted: Waiting ─► Moving ─► Finished  there, whole and checked
//	   │                    ▲          │
//	   │                    └──────────┘                the source is lost: the next call, until Limits.Unreached
//	   └─► declined, too old, or carried by no call for a few seconds
//	Waiting, Moving ─► Cancelled, Broken                either person's; wrong bytes, a full disk
//
// A public file is pulled from the servers instead, whichever there is.
//
// Goroutines: one for each transfer that has not ended, one while any bytes travel; [Set.Close] waits for them.
package parcels
