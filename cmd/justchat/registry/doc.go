// Package registry keeps a room's registry in etcd: [Etcd] is a client of
// one, as examples/justchat/registry wants it, and a [Member] is one that runs in this process.
//
// Three ways lead to an etcd:
//
//	justchat up                     Embedded: the only member, on a unix socket in the data folder
//	justchat registry               Start: one member of several, on TCP with mutual TLS
//	-registry https://a:2379,…      Dial: an etcd that is there, upstream's or of justchat registry
//
// A member forgets changes after an hour, takes up to 256 MiB on its disk, and
// logs what etcd warns of.
package registry
