// Package shiviz writes logs that ShiViz draws: each node's events, with a
// vector clock that travels in the metadata of calls and replies.
//
// An event is two lines, in GoVector's form, which ShiViz's default expression
// (?<event>.*)\n(?<host>\S*) (?<clock>{.*}) reads:
//
//	receive MessageService.ServerFailed
//	lb1-3f09c2 {"elon-77ab01":4, "lb1-3f09c2":7}
//
// The clock says which events of which hosts the node knew of then; its own
// count begins at 1 and rises by 1. A host is one start of one process: a node
// that starts again has another name, and may go on in the same file.
//
// What is logged is each call when it is sent and when it is received, and its
// reply if that brings results or a declared error. A call with streams is one
// event at each side. The runtime's own calls, such as pings, are not logged.
//
// Logs are for finding out what happened, not for proving it: clocks are taken
// from whoever sends them. [Merge] finds what does not fit together.
package shiviz
