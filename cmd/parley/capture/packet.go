package capture

import (
	"encoding/binary"
	"net/netip"
)

// A segment is what one packet has of a TCP connection.
type segment struct {
	from, to netip.AddrPort
	seq      uint32
	syn, ack bool
	data     []byte
}

// Numbers that say what is inside: of the link layer, then of IP.
const (
	etherIPv4, etherIPv6 = 0x0800, 0x86DD
	protocolTCP          = 6
)

// parse finds the TCP segment in a packet of a link type of the list at tcpdump.org/linktypes.html.
func parse(link uint32, b []byte) (segment, bool) {
	header, proto := 0, -1 // where its type of payload stands, -1 for none
	switch link {
	case 0, 108: // BSD's loopback: a family, which differs between systems
		header = 4
	case 1: // Ethernet
		for header, proto = 14, 12; len(b) >= header && isVLAN(b[proto:]); header, proto = header+4, proto+4 {
		}
	case 12, 14, 101, 228, 229: // IP and nothing before it
	case 113: // Linux, all interfaces
		header, proto = 16, 14
	case 276: // the same, second version
		header, proto = 20, 0
	default:
		return segment{}, false
	}
	if len(b) < header+1 {
		return segment{}, false
	}
	if proto >= 0 {
		if kind := binary.BigEndian.Uint16(b[proto:]); kind != etherIPv4 && kind != etherIPv6 {
			return segment{}, false
		}
	}
	return parseIP(b[header:])
}

func isVLAN(b []byte) bool {
	kind := binary.BigEndian.Uint16(b)
	return kind == 0x8100 || kind == 0x88A8
}

func parseIP(b []byte) (segment, bool) {
	switch b[0] >> 4 {
	case 4:
		return parseIPv4(b)
	case 6:
		return parseIPv6(b)
	}
	return segment{}, false
}

// parseIPv4 passes over fragments.
func parseIPv4(b []byte) (segment, bool) {
	if len(b) < 20 || b[9] != protocolTCP || binary.BigEndian.Uint16(b[6:])&0x3FFF != 0 {
		return segment{}, false
	}
	header, size := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if size == 0 { // the network card was to fill it in
		size = len(b)
	}
	size = min(size, len(b))
	if header < 20 || header > size {
		return segment{}, false
	}
	source, _ := netip.AddrFromSlice(b[12:16])
	target, _ := netip.AddrFromSlice(b[16:20])
	return parseTCP(source, target, b[header:size])
}

func parseIPv6(b []byte) (segment, bool) {
	if len(b) < 40 {
		return segment{}, false
	}
	source, _ := netip.AddrFromSlice(b[8:24])
	target, _ := netip.AddrFromSlice(b[24:40])
	next, size := b[6], int(binary.BigEndian.Uint16(b[4:]))
	b = b[40:]
	if size > 0 && size < len(b) {
		b = b[:size]
	}
	for next == 0 || next == 43 || next == 60 { // options, which say what is next and how many times 8 bytes follow the first
		if len(b) < 8 || len(b) < 8+8*int(b[1]) {
			return segment{}, false
		}
		next, b = b[0], b[8+8*int(b[1]):]
	}
	if next != protocolTCP {
		return segment{}, false
	}
	return parseTCP(source, target, b)
}

func parseTCP(source, target netip.Addr, b []byte) (segment, bool) {
	if len(b) < 20 {
		return segment{}, false
	}
	header := int(b[12]>>4) * 4
	if header < 20 || header > len(b) {
		return segment{}, false
	}
	return segment{
		from: netip.AddrPortFrom(source, binary.BigEndian.Uint16(b)),
		to:   netip.AddrPortFrom(target, binary.BigEndian.Uint16(b[2:])),
		seq:  binary.BigEndian.Uint32(b[4:]),
		syn:  b[13]&0x02 != 0,
		ack:  b[13]&0x10 != 0,
		data: b[header:],
	}, true
}
