// Package tui is the chat room on a full screen: what package console is line by line. It draws, and reads keys; what can
// be typed, and in which words things are said, is package talk's, and all else package client's.
//
//	┌──────────────────────────────────┐
//	│ Tony: hello                      │  scroll     what was said, of which a part is seen; trim bounds it
//	│ hi                               │  entry      one thing in it, and how it is wrapped
//	│ how are you? …                   │  outgoing   what the room has not shown yet
//	│ Offers (1)   F2 answers          │  panes      each of them has keys of its own
//	│ Transfers (1)   F3 cancels       │
//	│ s1 · lb1 · 2 here        F1 help │  status     or a notice, until the next key
//	│ › a draft                        │  input      the text box, which keys alone change; complete is its Tab
//	└──────────────────────────────────┘
//
// Package panes draws the panes and the help, complete finishes what is typed, and theme is how all of it looks. None of them knows
// this package, or Bubble Tea.
//
//	client ──events──► feed ──20 times a second──► model ◄──keys── terminal
//
// A model is changed in Bubble Tea's loop alone, by Update; View draws it. Texts are sent in Update, so that they keep the
// order in which they were typed; whatever else is asked of the room is asked in goroutines, and their answers are messages.
package tui
