package capture_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/cmd/parley/capture"
	"github.com/parley-rpc/parley/cmd/parley/capture/capturetest"
)

const client, server = "10.0.0.1:50000", "10.0.0.2:7000"

// summary returns what Read makes of a file: a line for each connection, `10.0.0.1:50000 > 10.0.0.2:7000: >abc <def`;
// bytes that were lost are -n, a connection without its beginning has … before it.
func summary(file []byte) string {
	connections, err := capture.Read(file)
	var text strings.Builder
	for _, c := range connections {
		if !c.Whole {
			text.WriteString("… ")
		}
		fmt.Fprintf(&text, "%s > %s:", c.Client, c.Server)
		for _, chunk := range c.Chunks {
			arrow := ">"
			if chunk.FromServer {
				arrow = "<"
			}
			if chunk.Lost > 0 {
				fmt.Fprintf(&text, " %s-%d", arrow, chunk.Lost)
			}
			text.WriteString(" " + arrow + string(chunk.Data))
		}
		text.WriteString("\n")
	}
	if err != nil {
		text.WriteString("error: " + err.Error())
	}
	return strings.TrimSpace(text.String())
}

func TestOrderOfSegments(t *testing.T) {
	tests := []struct {
		name string
		send func(f *capturetest.File)
		want string
	}{
		{"in order", func(f *capturetest.File) {
			c := f.Dial(client, server)
			c.Send(false, []byte("abc"))
			c.Send(true, []byte("xyz"))
			c.Send(false, []byte("d"))
		}, "10.0.0.1:50000 > 10.0.0.2:7000: >abc <xyz >d"},
		{"swapped, over the end of the numbers", func(f *capturetest.File) {
			c := f.Dial(client, server)
			c.Send(false, []byte("0123456789"))
			c.At(false, 10, []byte("klm"))
			c.At(false, 0, []byte("abcdefghij"))
		}, "10.0.0.1:50000 > 10.0.0.2:7000: >0123456789 >abcdefghij >klm"},
		{"sent again, in other pieces", func(f *capturetest.File) {
			c := f.Dial(client, server)
			c.Send(false, []byte("abc"))
			c.At(false, -3, []byte("ab"))
			c.At(false, -1, []byte("cde"))
		}, "10.0.0.1:50000 > 10.0.0.2:7000: >abc >de"},
		{"lost", func(f *capturetest.File) {
			c := f.Dial(client, server)
			c.Send(false, []byte("abc"))
			c.Lose(false, 5)
			c.Send(false, []byte("def"))
			c.Send(true, []byte("x"))
		}, "10.0.0.1:50000 > 10.0.0.2:7000: >abc <x >-5 >def"},
		{"without the beginning, heard from the server first", func(f *capturetest.File) {
			c := f.Conn(client, server)
			c.Send(true, []byte("x"))
			c.Send(false, []byte("abc"))
		}, "… 10.0.0.1:50000 > 10.0.0.2:7000: <x >abc"},
		{"the same ends again", func(f *capturetest.File) {
			f.Dial(client, server).Send(false, []byte("abc"))
			c := f.Conn(client, server)
			c.Lose(false, 50)
			c.Redial()
			c.Send(false, []byte("def"))
		}, "10.0.0.1:50000 > 10.0.0.2:7000: >abc\n10.0.0.1:50000 > 10.0.0.2:7000: >def"},
		{"version 6", func(f *capturetest.File) {
			f.Dial("[::1]:50000", "[::1]:7000").Send(false, []byte("abc"))
		}, "[::1]:50000 > [::1]:7000: >abc"},
	}
	for _, test := range tests {
		var f capturetest.File
		test.send(&f)
		if got := summary(f.Bytes()); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestManyLostSegmentsDoNotHoldBackTheOthers(t *testing.T) {
	var f capturetest.File
	c := f.Dial(client, server)
	c.Send(false, []byte("a"))
	c.Lose(false, 7)
	for range 100 {
		c.Send(false, []byte("b"))
	}
	c.Send(true, []byte("x"))
	got := summary(f.Bytes())
	if want := " >a >-7 >b"; !strings.Contains(got, want) || !strings.HasSuffix(got, " >b <x") {
		t.Errorf("got %s, want %q in it, and <x at its end", got, want)
	}
}

func TestFormats(t *testing.T) {
	var f capturetest.File
	f.Dial(client, server).Send(false, []byte("abc"))
	const want = "10.0.0.1:50000 > 10.0.0.2:7000: >abc"
	ethernet := "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"
	files := map[string][]byte{
		"big endian":     f.Pcap(binary.BigEndian, 101, nil),
		"loopback":       f.Pcap(binary.LittleEndian, 0, []byte{2, 0, 0, 0}),
		"Ethernet":       f.Pcap(binary.LittleEndian, 1, []byte(ethernet+"\x08\x00")),
		"VLAN":           f.Pcap(binary.LittleEndian, 1, []byte(ethernet+"\x81\x00\x00\x05\x08\x00")),
		"Linux, any":     f.Pcap(binary.LittleEndian, 113, append(make([]byte, 14), 8, 0)),
		"Linux, any, v2": f.Pcap(binary.LittleEndian, 276, append([]byte{8, 0}, make([]byte, 18)...)),
		"pcapng":         f.PcapNG(binary.LittleEndian),
		"pcapng, big":    f.PcapNG(binary.BigEndian),
	}
	for name, file := range files {
		if got := summary(file); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if got := summary(file[:len(file)-2]); !strings.HasPrefix(got, "error: the capture ends within the packet at byte ") {
			t.Errorf("%s, cut: got %s, want an error", name, got)
		}
	}
	if got, want := summary([]byte("GIF89a, and no packets at all")), "error: the file begins with 47 49 46 38, as neither pcap nor pcapng do: is it compressed?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzRead(f *testing.F) {
	var file capturetest.File
	c := file.Dial(client, server)
	c.Send(false, []byte("abc"))
	c.At(false, 5, []byte("abc"))
	c.Send(true, []byte("abc"))
	f.Add(file.Bytes())
	f.Add(file.PcapNG(binary.BigEndian))
	f.Fuzz(func(t *testing.T, data []byte) {
		connections, _ := capture.Read(data)
		size := 0
		for _, c := range connections {
			for _, chunk := range c.Chunks {
				size += len(chunk.Data)
			}
		}
		if size > len(data) {
			t.Errorf("got %d bytes out of a file of %d", size, len(data))
		}
	})
}
