// Package messagelog keeps the records of a server on disk: its own and those that the
// other servers brought. It is append-only, in segments, with a checksum for each record.
//
// # What is where
//
//	lock           held by the process that has the log open, with its number
//	origin         the random id of the log, and how often it was opened
//	gone           up to which number records are not kept any more, by origin, and the
//	               highest Lamport time there has been
//	00000001.log   a segment; the highest is the one that is written to
//	NAME.damaged   a segment as it was found, when something in it was wrong
//	NAME.new       a file that was not finished
//
// The files origin and gone are text, with a checksum as their last line. They are
// replaced as a whole: written under another name, synced, renamed. The id is for good,
// so a folder must not be copied for another server, nor put back to what it was earlier.
//
// # A segment
//
// Numbers are big-endian, checksums CRC32-C.
//
//	 0  4  "JCLG"
//	 4  4  version, 1
//	 8  8  when the segment was begun, Unix time in milliseconds
//	16  4  checksum of all before
//	20     records
//
// A record:
//
//	 0  4  F5 4A 43 FA, bytes that UTF-8 never has
//	 4  4  length of the payload, at most 1 MiB
//	 8  4  checksum of the length and the payload
//	12     payload: a justchat.Record, by its MarshalBinary
//
// Records stand in the order in which they were appended. One that had been missing
// stands after some that come after it: whoever wants causal order takes the room's, by
// Lamport, origin and number, which keeps it.
//
// # What is shown of it
//
// Seen says up to where the log has everything of an origin. A record beyond a gap is
// kept, and only Waiting yields it until the gap is filled or given up (Skip). So what
// one log tells of a room, others tell too. Of two records with one message the first in
// the room's order counts.
package messagelog
