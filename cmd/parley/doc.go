// Parley works on .parley files, the interface definitions of the Parley RPC framework.
//
// Usage:
//
//	parley gen [-root DIR] [-out DIR] [-test=false] [-check] [-v] [PACKAGES]   write the Go code of packages
//	parley check [-root DIR] [PACKAGES]                                        report what is wrong with packages
//	parley fmt [-l] [-w] [-d] [FILES or PACKAGES]                              lay .parley files out
//	parley new [-module PATH] [-parley DIR] NAME                               make a project with a service, a server and a client
//	parley from [-o FILE] PACKAGE[.INTERFACE] or FILE.go                       write the .parley file of Go that exists
//	parley lint [-root DIR] [-format FORMAT] [PACKAGES]                        point at what packages had better say otherwise
//	parley breaking [-root DIR] [-category LIST] OLD NEW                       report which changes break programs that exist
//	parley vet [-only NAMES] [-skip NAMES] [-json] [PACKAGES]                  find mistakes in Go code that uses generated code
//	parley call [FLAGS] ADDRESS SERVICE.METHOD [PARAMETERS]                    call a method of a server
//	parley describe [FLAGS] ADDRESS [NAME]                                     print the IDL of a running server
//	parley ping [FLAGS] ADDRESS                                                measure how long a server takes to answer
//	parley doc [-root DIR] [-format html|md] [-o FILE] [PACKAGES]              write the documentation of packages
//	parley explain wire [FLAGS] [NAMES] [PACKAGES]                             draw how calls look as bytes
//	parley explain -hex BYTES, or -pcap FILE [PACKAGES]                        show bytes, or a capture, field by field
//	parley explain -wireshark [FLAGS] [PACKAGES]                               print a dissector of packages for Wireshark
//	parley lsp [-root DIR]                                                     serve an editor: the Language Server Protocol
//	parley version                                                             print the version of this program
//	parley completion bash|zsh|fish                                            print a script that completes its commands in a shell
//
// PACKAGES are folders and patterns like those of the go command: ./... is every package in and below the current
// folder, a ... elsewhere stands for any text. Folders called testdata, vendor or node_modules, folders whose name begins
// with a dot or an underscore, and Go modules inside are passed over by a pattern; they can be named. Without any,
// PACKAGES is the current folder. Those of vet are Go packages; go vet -vettool=$(which parley) runs it too.
//
// ADDRESS is host:port. What call, describe and ping know of a server's methods the server itself says; package
// dynamic has how their values are written as JSON.
//
// Flags are written with one dash, as the go command's are, or with two.
//
// Mistakes in .parley files are printed as file:line:column, with the line and what to do about it. The exit status is 0
// when all is well, 1 when something was found or could not be done, and 2 when the command line is wrong.
package main
