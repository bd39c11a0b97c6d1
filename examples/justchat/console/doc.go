// Package console is the chat room line by line: on a terminal for people, on
// pipes for scripts. What a person may type, and the words in which she is told, are package talk's; all else is package
// client's.
//
// What is shown, and where:
//
//	hello                       to all, one's own; on a terminal the typed line is enough
//	Elon: hello                 to all, by somebody else
//	Elon #late: hello           it comes after what it should have come before
//	Elon #private: hello        for this user alone
//	#private to Elon: hello     one's own, when he has it; on pipes only
//	-- Received by Tony: a.png  what becomes of files; package talk has all such words
//	-- connected to s1          the client's own words: on a terminal among the messages, on pipes
//	                            answers to commands go to stdout and all else to stderr
//
// How far files are is said every ten seconds, on a terminal only. Files that are on their way keep who would leave:
//
//	#quit, or Ctrl-C            is told so, and stays until they have ended; said again it leaves at once
//	the end of a script         waits for them as long as they come any further
//	the end of Run's context    leaves at once
//
// What was said is waited for in any case, as long as something of it is acknowledged every now and then.
//
// Names hold neither # nor a colon, and one that begins like a dash is quoted: so no name can pretend to be
// more than one. A message is one line, whatever is in it.
package console
