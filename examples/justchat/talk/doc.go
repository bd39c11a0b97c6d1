// Package talk is what a person types and what she is told, the same line by line and on a full screen:
// which lines are commands, what each does, and in which words what happens is said.
//
//	Parse    a line that was typed      → a Command, or what to type instead
//	Obey     a Command                  → what is done by the Room, and lines of answer
//	Line     a message                  → a line, as in «Elon #private: hello»
//	Words    any other event            → the client's own words, as in «connected to s1»
//	Progress a file on its way          → a line, as in «a.png to Robert: 42 % of 1.2 GB, 130 MB/s, 5 s left»
//	Size     bytes                      → «1.2 MB»
//
// Of a file Words says, one line each:
//
//	what is offered     Elon offers a.png (1.2 MB) to all; #accept 3 takes it, #decline 3 does not
//	                    a.png from Elon is not offered any more: he has left
//	what goes out       offering a.png (1.2 MB) to Robert; #cancel 4 ends it
//	                    a.png to Robert waits; it is offered again by itself
//	                    Robert takes a.png
//	                    Received by Robert: a.png   or   Declined by Robert: a.png
//	                    sharing a.png (1.2 MB) with all; #cancel 5 ends it
//	                    a.png is shared with all (2 copies)
//	what comes in       receiving a.png (1.2 MB) from Elon; #cancel 3 ends it
//	                    received a.png from Elon (1.2 MB): it is /home/robert/Downloads/a.png
//	either              a.png to Robert waits at 42 % of 1.2 MB; it goes on by itself
//	                    a.png to Robert goes on, at 42 % of 1.2 MB
//	                    not sent: a.png to Robert: and why, and what to do
//
// Names of users hold neither # nor a colon, and one that begins like a dash is quoted: so no name can pretend to be
// more than one, nor to be the client's own words, which begin with two dashes where they stand among messages. Names
// of files are quoted if they have blanks or what ends words: so none can pretend to be a sentence. What
// no terminal may see is for the caller to take out.
package talk
