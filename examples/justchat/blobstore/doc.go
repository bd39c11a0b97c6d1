// Package blobstore keeps public files on a server's disk, each once, under the SHA-256 of its bytes. Which names stand
// for them is not known here, and neither is the network. What it says that it has is on the disk for
// good; what is being received is not seen before it is whole and checked.
//
// A store is a [transfer.Folder] in which each file has its sum as its name, in hex. What there is is read from the names when
// it is opened, and kept in memory. No bytes are hashed then, nor when they are read: a file has its name only once
// all of it is on the disk, and whoever receives it checks the sum anyway, which would find damage on the way as well.
package blobstore
