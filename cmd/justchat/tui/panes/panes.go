// Package panes is what stands beside the messages on the full screen: the offers that wait for an answer, the transfers that are
// under way, and the help. A pane is told what there is and which key was pressed, and says how it looks and what the key asks for;
// it asks the room for nothing, and knows no terminal.
//
//	 Offers (2)   y takes it  n declines  ↑↓ chooses  Esc back     heading   what the keys do now
//	▸ 3 SELDOM_2016.png (4.2 MB) from Elon to you alone            list      which row they are about
//	  14 notes.txt (12 B) from Tony to all, 26 h ago               fit       as much as there is room for
//
//	Set ──► pane ──Height──► how many rows it would like, of which View draws as many as there are
//	Key ──► pane ──Action──► what package tui does
//
// Keys have the names that Bubble Tea gives them. Nothing here is for more than one goroutine at once. Names and paths that others
// have made up are drawn so that they drive no terminal.
package panes

// An Action is what a pane's key asks for. Who gave the pane the key does it.
type Action struct {
	Kind ActionKind
	ID   uint64 // of the offer, or of the transfer
}

// An ActionKind is what is to be done about an offer, or a transfer.
type ActionKind int

// The kinds of action.
const (
	Accept  ActionKind = iota // the offer is taken
	Decline                   // it is not
	Cancel                    // the transfer ends
)

// paneRows is how many rows a pane would like at most, beside its heading.
const paneRows = 5
