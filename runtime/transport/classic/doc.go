// Package classic carries messages in the classic form: a connection for each call.
//
// # The classic form
//
// This is the whole specification of the classic form: whoever follows it can talk to
// a [Server] or be called by a [Client].
//
// A call is one TCP connection. The client connects, sends a request, and reads the
// response; the server reads the request, sends the response, and closes the
// connection. Nothing else is sent; a second call takes a second connection.
//
// All integers are unsigned, of 16 bits, the more significant byte first. A string is
// an integer, the number of its bytes, and those bytes. A list is an integer, the number
// of its elements, and the elements. (The other types are package codec's business.)
//
//	request  = length type parameters
//	response = length results error
//
// In these,
//
//   - length is an integer: how many bytes follow it in the request or response. So
//     neither is longer than 65,535 bytes after the length. What would be longer is
//     not sent: at the client the call fails, at the server the response becomes an
//     error that names both sizes;
//   - type is an integer that names the method: the number of its service in the first
//     byte, its own number within the service in the second;
//   - parameters are the method's parameters, one after the other as it declares them;
//   - results are the method's results, likewise;
//   - error is a string. Empty, it says that the call went well. Otherwise it is the
//     error's text, for people; and all results are there but zero: 0, the empty string,
//     the empty list. An error of a declared kind crosses as its text too.
//
// Bytes after the last parameter of a request, or after the error of a response, but
// within its length, are ignored.
//
// This is CheckMessages("alice"), which is method 2 of service 0 and has one parameter, a
// string, and one result, a list of strings. The request:
//
//	00 09                          length: 9 bytes follow
//	00 02                          type: service 0, method 2
//	00 05 61 6c 69 63 65           user: 5 bytes, "alice"
//
// The response, with two messages and no error:
//
//	00 24                          length: 36 bytes follow
//	00 02                          messages: 2 of them
//	00 14 62 6f 62 20 74 65 6c 6c  the first: 20 bytes,
//	73 20 79 6f 75 20 68 65 6c 6c  "bob tells you hello!"
//	6f 21
//	00 08 62 6f 62 20 73 61 79 73  the second: 8 bytes, "bob says"
//	00 00                          error: none
//
// More calls, byte for byte, are in the files testdata/*.hex.
//
// # What goes wrong
//
// A request that cannot be understood gets a response with an error. If its type is
// known, zero results stand before the error; if not (it is too short to have
// one, or nobody serves that type), the response is the error alone. So a client whose
// reading of a response fails, and that finds it to be exactly one string that is not
// empty, takes that string for the error.
//
// A server reads a request within a deadline, 10 seconds unless set otherwise, however
// the bytes trickle in, and writes the response within another of the same length. A
// request that ends or stalls before it is whole is answered with an error and
// the connection closed. One that ends or breaks before its first byte is not answered. A client
// gives the call as a whole 10 seconds unless told otherwise.
//
// Bytes that a client sends beyond its request are not read as another one. The server
// ends its side after the response, and reads on for half a second or 256 KiB before it
// closes, so that the kernel does not destroy the response by resetting the connection.
//
// A length of 0 cannot be, since a request has a type. The bytes 00 00 are how a
// session begins, the form of package transport; a server that speaks only the classic one answers them
// with an error as above, by which the client knows. A TLS client's
// hello, 16 03, is refused in the same way: the classic form is spoken in the clear,
// or whole under a TLS that both sides know of. Where a server expects TLS and a request comes in
// the clear, the response says so, as an error alone and in the clear.
package classic
