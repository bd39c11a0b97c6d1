// Package capture takes TCP connections out of a file of captured packets, in the format pcap or pcapng: what tcpdump,
// dumpcap and Wireshark write. What is no TCP over IP is passed over.
package capture

import (
	"net/netip"
)

// A Connection is what a capture has of one TCP connection.
type Connection struct {
	Client, Server netip.AddrPort // Client is who dialled; if that was not captured, who has the higher port
	Whole          bool           // whether the capture has its beginning
	Chunks         []Chunk        // in the order of the capture
}

// A Chunk is bytes that one side sent.
type Chunk struct {
	FromServer bool
	Lost       int    // bytes before these that the capture does not have
	Data       []byte // parts of what Read was given
}

// Read returns the connections of a file, in the order in which they begin. If there is an error it returns those before it,
// too.
func Read(file []byte) ([]*Connection, error) {
	t := table{open: map[ends]*conversation{}}
	err := packets(file, func(link uint32, packet []byte) {
		if s, ok := parse(link, packet); ok {
			t.add(s)
		}
	})
	for _, c := range t.all {
		for side := range c.halves {
			for c.skip(side) {
			}
		}
	}
	var connections []*Connection
	for _, c := range t.all {
		if len(c.Chunks) > 0 {
			connections = append(connections, &c.Connection)
		}
	}
	return connections, err
}
