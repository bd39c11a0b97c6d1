// Package causal brings records into an order in which they may be shown: those of one
// origin by their numbers, and none before what it comes after. It does no I/O and knows
// no clocks but the one that it is told.
//
// A [Vector] says what was seen, a [Queue] holds records until their turn has come, a
// [Once] tells a message from its repetitions.
package causal
