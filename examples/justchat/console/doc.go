// Package console is the chat room line by line: on a terminal for people, on
// pipes for scripts. What a person types is a text to all or one of the commands
// that [Commands] has, which a full screen shares. All else is package client's.
//
// What is shown, and where:
//
//	hello                       to all, one's own; on a terminal the typed line is enough
//	Elon: hello                 to all, by somebody else
//	Elon #late: hello           it comes after what it should have come before
//	Elon #private: hello        for this user alone
//	#private to Elon: hello     one's own, when he has it; on pipes only
//	-- connected to s1          the client's own words: on a terminal among the messages, on pipes
//	                            answers to commands go to stdout and all else to stderr
//
// Names hold neither # nor a colon, and one that begins like a dash is quoted: so no name can pretend to be
// more than one. A message is one line, whatever is in it.
package console
