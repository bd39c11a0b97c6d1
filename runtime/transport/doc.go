// Package transport carries messages between two programs: opaque bytes there, opaque
// bytes back. What the bytes mean, package runtime knows. Here is the session form; the classic
// form is package classic's, and the bytes of the session's frames are package frame's.
//
// # The session form
//
// This is the whole specification of the session form: whoever follows it can talk to a
// [Session] that was [Accepted] or [Dialled].
//
// A session is one connection, on which both sides make calls, any number at once, each
// with a stream of items in either direction if it wants. Integers are unsigned, the most
// significant byte first. A string is a uint16, the number of its bytes, and those bytes; for
// 65,535 bytes or more that integer is 65,535 and the number follows as a uint32.
//
// Who dialled sends the frame.Preface, 00 00, which no request of the classic form begins with, and
// then a HELLO frame; the other side sends a HELLO frame alone. Neither waits for the
// other's before it sends further frames. HELLO is the first frame of each side, comes once, and comes
// within 10 seconds, unless set otherwise. Whatever else answers the frame.Preface is no session: the peer
// speaks only the classic form, and no call has run.
//
// # Frames
//
// All that follows the frame.Preface are frames:
//
//	frame = uint16 length, uint8 kind, uint8 flags, uint32 call, payload
//
// where length counts the payload's bytes, and call is the number of the call, or 0 where the
// frame is the connection's. The kinds, with their payloads and flags:
//
//	1 HELLO   call 0; "PRLY", uint8 version, settings to the end
//	2 CALL    uint16 method, uint32 ms if DEADLINE, metadata if METADATA, parameters; MORE
//	3 REPLY   metadata if METADATA, results; MORE
//	          or with ERROR: metadata if METADATA, uint16 code, string message, string name, body
//	4 ITEM    the item; MORE. With END: nothing
//	5 CANCEL  uint16 code, string message
//	6 CREDIT  uint32 bytes
//	7 PING    call 0; 8 bytes; ACK
//	8 GOAWAY  call 0; uint32 last call, string reason
//
// The flags are 0x01 MORE, 0x02 END, 0x04 ERROR, 0x08 DEADLINE, 0x10 METADATA, 0x20 ACK; a
// kind has no others than those it is listed with. Bytes after the string of a CANCEL or
// GOAWAY are ignored.
//
// Metadata is a uint16, the number of its entries, and for each of them two strings, key and
// value; all of it is at most 8,192 bytes.
//
// # HELLO
//
// The version is 1. A side that hears of a higher one goes on with its own; so the lower of both holds.
// A setting is a uint16 key and a uint32 value, and says what its sender accepts or does:
//
//	1  bytes of the largest message    least 1 MiB    4 MiB unless set otherwise
//	2  bytes of a stream's window      least 64 KiB   256 KiB
//	3  calls of the peer at once       least 64       1024
//	4  bytes in assembly together      least 1 MiB    8 MiB
//	5  ms of silence before its PING   0: none        30,000
//
// A setting that is not there is at its least; 4 is never below 1. Unknown keys are ignored. A
// value under the least breaks the rules, so everybody may rely on the least values while the peer's
// HELLO has not come. When it comes, what it says holds for the calls that are open too: what
// its window is larger than 64 KiB is added to the credit of each stream.
//
// # Calls
//
// CALL opens a call, and gives it its number: odd by the side that dialled, even by
// the other, each higher than all that this side used before. Numbers may be left out. A side that has used
// up its numbers makes a new connection. Which methods there are is not this form's business; those
// from 0xff00 on are package runtime's own, to ask a peer what it serves: see idl/README.md.
//
// The callee answers each call with one REPLY, also after CANCEL, once its handler has
// returned. Until then the call counts against the callee's setting 3, and a CALL over that limit
// breaks the rules. So does a frame for a call that was never opened, which is to say one with a number above
// the last that was; a frame for a call that has ended is dropped.
//
// The deadline is the time that is left when the frame is sent, in milliseconds. At its end
// the caller gives the call up with CANCEL; the callee may tell its handler by its own clock.
//
// CANCEL from the caller gives the call up: its handler is told code and message, and no
// other CALL or ITEM frame of the call follows. Where the CALL itself is not whole yet, it
// is not run. CANCEL from the callee asks for no more items; the
// call goes on. The caller then finishes the item that it has begun, if any, and sends no other;
// END may be left out.
//
// The codes of REPLY and CANCEL are those of package runtime: 1 canceled, 2 unknown, 3 invalid
// argument, 4 deadline exceeded, 5 not found, 6 already exists, 7 permission denied, 8
// resource exhausted, 9 failed precondition, 10 aborted, 11 out of range, 12
// unimplemented, 13 internal, 14 unavailable, 15 data loss, 16 unauthenticated. Name and body
// are those of a declared error; otherwise both are empty.
//
// # Messages longer than a frame
//
// The payload of a CALL, REPLY or ITEM is a message, and may go in several frames of
// the same kind and call. All but the last have MORE. The first begins with a uint32, the
// length of the whole payload without that integer; only the first has the message's other flags. Frames
// with MORE are not empty, those before the last hold together less than the whole, and the last makes
// it up. A side sends no other message of the call before this one is whole,
// except that REPLY may cut off an ITEM of the callee; frames of other calls may come in between.
//
// A message is at most as long as setting 1 of its receiver says. Those of which some frames are sent
// and some are not are together, over all calls, no longer than setting 4 says. Who would
// have to send a longer message does not send it; where it is an answer, it is
// replaced by an error, code 8.
//
// # Streams
//
// After its CALL is whole the caller may send items, and END after the last. The
// callee may send items before its REPLY, which ends the streams of both directions. Order is kept.
//
// An item costs its bytes and 8 more of its stream's credit, when its first frame is sent; END costs
// nothing. The credit begins at the receiver's window, and CREDIT from the receiver adds to it, as
// it consumes items; it is never over 2^31-1. An item may be sent while the credit is above
// zero, and may take it below. A receiver that has half a window to give gives it.
//
// # The connection
//
// PING is answered at once with PING, ACK, and the same 8 bytes. A side that has heard nothing for as
// long as its setting 5 says sends one, and takes the line for frame.Broken when it
// hears nothing for as long again. So it does when a write makes no progress for that long.
//
// GOAWAY says that its sender takes no new calls. Those up to the last call that it names are
// answered; those above did not run, are not answered, and can be made again on
// another connection whatever they do. The sender may go on making calls itself. Once no
// call of either side is open, it may end its writing side; the other side then closes the connection.
//
// A frame that breaks these rules ends the connection: the receiver says which rule in a GOAWAY, if that can be
// written, and in its log. So does a peer that has more than 64 KiB of answers to its PINGs
// and cancelled calls wait, because it does not read. When a connection ends, calls without a
// REPLY may have run or not, but for those above the last call of a GOAWAY.
//
// Conversations, byte for byte, are in the files testdata/*.hex; the README
// there says how to use them.
package transport
