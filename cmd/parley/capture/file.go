package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Magic numbers, as the first four bytes of a file say them in its own byte order.
const (
	magicMicroseconds = 0xA1B2C3D4
	magicNanoseconds  = 0xA1B23C4D
	magicSection      = 0x0A0D0D0A // pcapng; reads the same both ways
	magicOrder        = 0x1A2B3C4D // pcapng, in the section header
)

// packets calls yield with each packet of a file and with the type of its link layer.
func packets(file []byte, yield func(link uint32, packet []byte)) error {
	if len(file) < 24 {
		return errors.New("the file is too short for a capture in the format pcap or pcapng")
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(file) {
		case magicMicroseconds, magicNanoseconds:
			return records(file, order, yield)
		case magicSection:
			return blocks(file, yield)
		}
	}
	return fmt.Errorf("the file begins with % x, as neither pcap nor pcapng do: is it compressed?", file[:4])
}

// records reads pcap: a header of 24 bytes, then packets behind 16 bytes each.
func records(file []byte, order binary.ByteOrder, yield func(uint32, []byte)) error {
	link := order.Uint32(file[20:]) & 0x0FFFFFFF // the rest is about checksums
	at := 24
	for at < len(file) {
		rest := file[at:]
		if len(rest) < 16 {
			return cutOff(at)
		}
		size := uint64(order.Uint32(rest[8:]))
		if size > uint64(len(rest)-16) {
			return cutOff(at)
		}
		yield(link, rest[16:16+size])
		at += 16 + int(size)
	}
	return nil
}

func cutOff(at int) error {
	return fmt.Errorf("the capture ends within the packet at byte %d", at)
}

// A section is what the blocks of pcapng refer to.
type section struct {
	order binary.ByteOrder
	links []uint32 // of each interface
}

// blocks reads pcapng: blocks of a uint32 type, uint32 size of all of it, body, and the size again.
func blocks(file []byte, yield func(uint32, []byte)) error {
	s := section{order: binary.LittleEndian}
	for at := 0; at < len(file); {
		rest := file[at:]
		if len(rest) < 12 {
			return cutOff(at)
		}
		if s.order.Uint32(rest) == magicSection {
			s = section{order: binary.LittleEndian}
			if s.order.Uint32(rest[8:]) != magicOrder {
				s.order = binary.BigEndian
			}
			if s.order.Uint32(rest[8:]) != magicOrder {
				return fmt.Errorf("the section at byte %d of the capture has no byte order", at)
			}
		}
		size := uint64(s.order.Uint32(rest[4:]))
		if size < 12 || size%4 != 0 {
			return fmt.Errorf("the block at byte %d of the capture says that it has %d bytes", at, size)
		}
		if size > uint64(len(rest)) {
			return cutOff(at)
		}
		s.block(s.order.Uint32(rest), rest[8:size-4], yield)
		at += int(size)
	}
	return nil
}

// block reads the body of a block. One that makes no sense is passed over.
func (s *section) block(kind uint32, body []byte, yield func(uint32, []byte)) {
	var interfaceID uint32
	var header int // bytes before the packet
	switch {
	case kind == 1 && len(body) >= 8: // an interface
		s.links = append(s.links, uint32(s.order.Uint16(body)))
		return
	case kind == 6 && len(body) >= 20: // a packet
		interfaceID, header = s.order.Uint32(body), 20
	case kind == 2 && len(body) >= 20: // a packet, as it was written once
		interfaceID, header = uint32(s.order.Uint16(body)), 20
	case kind == 3 && len(body) >= 4: // a packet with nothing else; its size is that before it was cut
		header = 4
	default:
		return
	}
	packet := body[header:]
	size := uint64(len(packet))
	if header == 20 {
		size = min(size, uint64(s.order.Uint32(body[12:])))
	}
	if uint64(interfaceID) < uint64(len(s.links)) {
		yield(s.links[interfaceID], packet[:size])
	}
}
