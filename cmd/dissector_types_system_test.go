//go:build system

package cmd

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// everything is a schema with every type in it.
const everything = `package all

enum Role { Guest = 0; Host = 1 }
struct Point { x int32; y int32 }
union Shape { 1: dot Point; 2: note string }
@code(not_found)
error Gone "{name} is gone" { name string }

service All = 1 {
	0: Echo(a bool, b int8, c int64, d uint64, e float64, f bytes, g time, h duration, i Role, j Point, k Shape,
		l []Role, m map[string]uint16, n ?string, o ?Point, p Shape) (q string) throws Gone
	1: Talk(lines stream string) (points stream Point)
}
`

// conversation is a session, a frame without its length a line: what the client sends behind >, what the server does
// behind <; indented lines go on. A / ends a TCP segment early. The first line is the start of the session.
const conversation = `
> 0000
> 01 00 00000000 50524c59 01
< 01 00 00000000 50524c59 01
> 02 18 00000001 0100 000003e8 0001 0003 6b6579 0003 76616c
  01 ff fffffffffffffffe ffffffffffffffff /
  3ff8000000000000 0002 cafe 0000000000000001 00000005 00000000000003e8 0001 0008 00000001 fffffffe 0001 000a 0008
  00000003 00000004 0002 0000 0001 0001 0001 61 0007 00 01 0008 00000005 00000006 / 0002 0005 0003 686921
< 03 04 00000001 0005 0006 676f6e652121 0008 616c6c2e476f6e65 0005 0003 626f62
> 02 00 00000003 0101
> 04 00 00000003 0005 68c3a9220a
> 04 02 00000003
< 04 00 00000003 0008 00000009 0000000a
< 04 01 00000003 0000000a 0008 0000
< 04 00 00000003 000b 0000000c
< 03 00 00000003
> 02 00 00000005 0100 07
> 02 01 00000007 00000006 0101
> 02 00 00000007 00000000
> 05 00 00000007 0001 0000
< 03 00 00000007
< 03 00 00000009
> 02 00 0000000b ff00
> 02 00 0000000d 0100 01 ff fffffffffffffffe ffffffffffffffff 3ff8000000000000 0000 7fffffffffffffff 00000001
`

// dissected is what tshark shows of it, in order, besides kinds, flags and numbers of calls.
const dissected = `
Parley session
Parley HELLO
    version: 1
Parley HELLO
    version: 1
Parley CALL, all.All.Echo
    Method: all.All.Echo
    deadline in ms: 1000
    metadata key: val
    a: true
    b: -1
    c: -2
    d: 18446744073709551615
    e: 1.5
    f: 2 bytes CAFE
    g: 1970-01-01T00:00:01.000000005Z
    h: 1000 ns
    i: Host (1)
    j: all.Point
        x: 1
        y: -2
    k: all.Shape, tag 1
        dot: all.Point
            x: 3
            y: 4
    l: 2 elements
        [0]: Guest (0)
        [1]: Host (1)
    m: 1 pairs
        key: "a"
        value: 7
    n: absent
    o: all.Point
        x: 5
        y: 6
    p: all.Shape, tag 2
        note: "hi!"
Parley REPLY, all.All.Echo failed: gone!!
    Method: all.All.Echo
    Code: not_found (5)
    Error: gone!!
    error: all.Gone
        name: "bob"
Parley CALL, all.All.Talk
    Method: all.All.Talk
Parley ITEM, all.All.Talk
    Method: all.All.Talk
    lines: "hé\"\x0a"
Parley ITEM, all.All.Talk end
    Method: all.All.Talk
Parley ITEM, all.All.Talk
    Method: all.All.Talk
    points: all.Point
        x: 9
        y: 10
Parley ITEM, all.All.Talk part
    Method: all.All.Talk
    Part of a message: 0000000a00080000
Parley ITEM, all.All.Talk part
    Method: all.All.Talk
    Part of a message: 000b0000000c
Parley REPLY, all.All.Talk
    Method: all.All.Talk
Parley CALL, malformed
    Method: all.All.Echo
    [Expert Info (Error/Malformed): a bool or presence is neither 0 nor 1 but 7]
Parley CALL, all.All.Talk part
    Method: all.All.Talk
    Part of a message: 000000060101
Parley CALL, all.All.Talk part
    Method: all.All.Talk
    Part of a message: 00000000
Parley CANCEL, all.All.Talk
    Method: all.All.Talk
    Code: canceled (1)
    message: ""
Parley REPLY, all.All.Talk
    Method: all.All.Talk
Parley REPLY, unknown call
Parley CALL, runtime.Meta.Ping
    Method: runtime.Meta.Ping
Parley CALL, all.All.Echo
    Method: all.All.Echo
    a: true
    b: -1
    c: -2
    d: 18446744073709551615
    e: 1.5
    f: 0 bytes
    g: 9223372036854775807.000000001 s since 1970
`

// middle is a session whose beginning the capture does not have, and of it what tshark shows.
const middle = `
> 02 00 0000000d 0101
> 04 00 0000000d 0002 6869
`

const middleDissected = `
Parley CALL, all.All.Talk
    Method: all.All.Talk
Parley ITEM, all.All.Talk
    Method: all.All.Talk
    lines: "hi"
`

func TestSystemDissectorTypes(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "parley.root"), "")
	write(t, filepath.Join(dir, "all", "all.parley"), everything)
	script, capture := filepath.Join(dir, "all.lua"), filepath.Join(dir, "all.pcap")
	write(t, script, run(t, "go", "run", "./parley", "explain", "-wireshark", filepath.Join(dir, "all")))
	for conversation, want := range map[string]string{conversation: dissected, middle: middleDissected} {
		write(t, capture, pcap(t, conversation))
		shown := run(t, "tshark", "-r", capture, "-X", "lua_script:"+script, "-O", "parley")
		if got := values(shown); got != strings.TrimSpace(want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	write(t, capture, pcap(t, middle))
	filtered := run(t, "tshark", "-r", capture, "-X", "lua_script:"+script, "-Y", `parley.value == "hi"`)
	if !strings.Contains(filtered, "ITEM all.All.Talk") || strings.Contains(filtered, "CALL") {
		t.Errorf("the packets with the value hi: got %q, want the ITEM", filtered)
	}
	cut := run(t, "tshark", "-r", cutPackets(t, pcap(t, middle)), "-X", "lua_script:"+script)
	if !strings.Contains(cut, "ITEM cut off") {
		t.Errorf("packets that were captured in part: got %q, want ITEM cut off", cut)
	}
}

// cutPackets writes a capture whose last packet lacks its last two bytes, and returns the name of the file.
func cutPackets(t *testing.T, file string) string {
	t.Helper()
	const headers, size = 16, 40 + 8 + 4 // of the packet: IP and TCP, the frame, "hi" with its length
	header := len(file) - size - headers
	captured := binary.LittleEndian.AppendUint32(nil, size-2)
	name := filepath.Join(t.TempDir(), "cut.pcap")
	write(t, name, file[:header+8]+string(captured)+file[header+12:len(file)-2])
	return name
}

var ofOtherLayers = regexp.MustCompile(`^(Running|Frame|Raw|Internet|Transmission|\[\d+ Reassembled|    (Kind|Flags|Call): |        \[\D)`)

// values returns the lines that the dissector shows, but for each frame's header.
func values(shown string) string {
	var lines []string
	for line := range strings.Lines(shown) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "" && !ofOtherLayers.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// pcap returns a capture file of a conversation over one TCP connection to port 4711.
func pcap(t *testing.T, conversation string) string {
	t.Helper()
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	file = append(file, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 101, 0, 0, 0) // version 2.4, raw IP
	sequence := map[bool]uint32{true: 1, false: 1}
	conversation = strings.ReplaceAll(strings.TrimSpace(conversation), "\n  ", " ")
	for line := range strings.Lines(conversation) {
		toServer := line[0] == '>'
		text := strings.Join(strings.Fields(line[1:]), "")
		if text != "0000" { // a frame
			size := len(strings.ReplaceAll(text, "/", ""))/2 - 6
			text = fmt.Sprintf("%04x", size) + text
		}
		for part := range strings.SplitSeq(text, "/") {
			data, err := hex.DecodeString(part)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			packet := segment(toServer, sequence[toServer], sequence[!toServer], data)
			sequence[toServer] += uint32(len(data))
			for _, n := range []int{0, 0, len(packet), len(packet)} { // seconds, microseconds, captured, sent
				file = binary.LittleEndian.AppendUint32(file, uint32(n))
			}
			file = append(file, packet...)
		}
	}
	return string(file)
}

// segment returns an IPv4 packet with a TCP segment, without checksums.
func segment(toServer bool, sequence, acknowledged uint32, data []byte) []byte {
	source, target := uint16(50000), uint16(4711)
	if !toServer {
		source, target = target, source
	}
	packet := []byte{0x45, 0}
	packet = binary.BigEndian.AppendUint16(packet, uint16(40+len(data)))
	packet = append(packet, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	packet = binary.BigEndian.AppendUint16(packet, source)
	packet = binary.BigEndian.AppendUint16(packet, target)
	packet = binary.BigEndian.AppendUint32(packet, sequence)
	packet = binary.BigEndian.AppendUint32(packet, acknowledged)
	packet = append(packet, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0) // 20 bytes of header, PSH and ACK
	return append(packet, data...)
}
