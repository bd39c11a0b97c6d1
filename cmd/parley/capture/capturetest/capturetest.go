// Package capturetest writes files of captured packets, for tests.
package capturetest

import (
	"encoding/binary"
	"net/netip"
)

// A File is a capture in the format pcap, of IP without a link layer. The zero File has no packets.
type File struct{ packets [][]byte }

// A Conn is a TCP connection whose packets go to a File.
type Conn struct {
	file *File
	ends [2]netip.AddrPort
	next [2]uint32 // number of the next byte of the client, and of the server
}

// Dial adds the packets with which a connection begins.
func (f *File) Dial(client, server string) *Conn {
	c := f.Conn(client, server)
	c.Redial()
	return c
}

// Redial adds the packets with which another connection begins between the same ends.
func (c *Conn) Redial() {
	c.packet(false, c.next[0]-1, 0x02, nil)
	c.packet(true, c.next[1]-1, 0x12, nil)
}

// Conn returns a connection that began before the capture. Numbers of its bytes start anew soon.
func (f *File) Conn(client, server string) *Conn {
	ends := [2]netip.AddrPort{netip.MustParseAddrPort(client), netip.MustParseAddrPort(server)}
	return &Conn{f, ends, [2]uint32{0xFFFFFFF0, 1000}}
}

// Send adds a packet with data.
func (c *Conn) Send(fromServer bool, data []byte) {
	c.At(fromServer, 0, data)
	c.Lose(fromServer, len(data))
}

// At adds a packet with data that stands so many bytes behind the last one that was sent, or before it.
func (c *Conn) At(fromServer bool, ahead int, data []byte) {
	c.packet(fromServer, c.next[side(fromServer)]+uint32(ahead), 0x18, data)
}

// Lose passes over bytes that a side sent.
func (c *Conn) Lose(fromServer bool, n int) { c.next[side(fromServer)] += uint32(n) }

func side(fromServer bool) int {
	if fromServer {
		return 1
	}
	return 0
}

// packet adds a packet of IP, version 4 or 6 as the addresses are.
func (c *Conn) packet(fromServer bool, seq uint32, flags byte, data []byte) {
	from, to := c.ends[side(fromServer)], c.ends[side(!fromServer)]
	var b []byte
	size := 20 + len(data)
	if from.Addr().Is4() {
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(20+size))
		b = append(b, 0, 0, 0, 0, 64, 6, 0, 0)
	} else {
		b = append(b, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(size))
		b = append(b, 6, 64)
	}
	b = append(b, from.Addr().AsSlice()...)
	b = append(b, to.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	b = binary.BigEndian.AppendUint16(b, to.Port())
	b = binary.BigEndian.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 0, 5<<4, flags, 0xFF, 0xFF, 0, 0, 0, 0)
	c.file.packets = append(c.file.packets, append(b, data...))
}

// Packets returns the packets, each of which begins with IP.
func (f *File) Packets() [][]byte { return f.packets }

// Bytes returns the file, as pcap has it.
func (f *File) Bytes() []byte { return f.Pcap(binary.LittleEndian, 101, nil) }

// Pcap returns the file in the byte order, with a header of the link layer before each packet.
func (f *File) Pcap(order binary.AppendByteOrder, link uint32, header []byte) []byte {
	b := order.AppendUint32(nil, 0xA1B2C3D4)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = order.AppendUint32(b, 1<<18)
	b = order.AppendUint32(b, link)
	for i, p := range f.packets {
		b = order.AppendUint32(b, uint32(i))
		b = order.AppendUint32(b, 0)
		b = order.AppendUint32(b, uint32(len(header)+len(p)))
		b = order.AppendUint32(b, uint32(len(header)+len(p)))
		b = append(append(b, header...), p...)
	}
	return b
}

// PcapNG returns the file in the format pcapng.
func (f *File) PcapNG(order binary.AppendByteOrder) []byte {
	section := order.AppendUint32(nil, 0x1A2B3C4D)
	section = order.AppendUint16(section, 1)
	section = order.AppendUint16(section, 0)
	section = append(section, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
	b := block(order, nil, 0x0A0D0D0A, section)
	b = block(order, b, 1, append(order.AppendUint16(nil, 101), 0, 0, 0, 0, 0, 0))
	for i, p := range f.packets {
		body := order.AppendUint32(nil, 0)
		body = order.AppendUint32(body, 0)
		body = order.AppendUint32(body, uint32(i))
		body = order.AppendUint32(body, uint32(len(p)))
		body = order.AppendUint32(body, uint32(len(p)))
		body = append(body, p...)
		b = block(order, b, 6, append(body, make([]byte, (4-len(p)%4)%4)...))
	}
	return b
}

func block(order binary.AppendByteOrder, b []byte, kind uint32, body []byte) []byte {
	b = order.AppendUint32(b, kind)
	b = order.AppendUint32(b, uint32(12+len(body)))
	b = append(b, body...)
	return order.AppendUint32(b, uint32(12+len(body)))
}
