package dump_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/cmd/parley/capture"
	"github.com/parley-rpc/parley/cmd/parley/capture/capturetest"
	"github.com/parley-rpc/parley/cmd/parley/dump"
	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

const shopIDL = `package shop

@classic
service Till = 1 { 0: Pay(item string, price uint32) (change uint32) }

service Shop = 2 {
	0: Order(list []string) (number uint64) throws SoldOut
	1: Talk(lines stream string) (prices stream uint32)
}

error SoldOut "no {item}" { item string; left ?uint16 }
`

var loadShop = sync.OnceValues(func() (*idl.Schema, error) {
	root := fstest.MapFS{"shop/shop.parley": {Data: []byte(shopIDL)}}
	return idl.Load(idl.Root{FS: root}, "shop")
})

// load returns the schema, and its method of that name.
func load(t testing.TB, method string) (*idl.Schema, *idl.Method) {
	t.Helper()
	schema, err := loadShop()
	if err != nil {
		t.Fatal(err)
	}
	if method == "" {
		return schema, nil
	}
	m, err := remote.Services(schema).Method(method)
	if err != nil {
		t.Fatal(err)
	}
	return schema, m
}

// page returns what write writes, without the titles, and the number of mistakes.
func page(t testing.TB, options dump.Options, write func(*dump.Page)) (string, int) {
	t.Helper()
	schema, _ := load(t, "")
	var out bytes.Buffer
	p := dump.New(&out, schema, options)
	write(p)
	mistakes, err := p.Close()
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(out.String(), "\n")
	return rows, mistakes
}

// check compares what write writes; want may be indented.
func check(t *testing.T, options dump.Options, write func(*dump.Page), want string, wantMistakes int) {
	t.Helper()
	got, mistakes := page(t, options, write)
	if want = strings.ReplaceAll(strings.TrimPrefix(want, "\n"), "\t", ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if mistakes != wantMistakes {
		t.Errorf("got %d mistakes, want %d", mistakes, wantMistakes)
	}
}

// message returns the frames of a message.
func message(call uint32, m frame.Message) []byte {
	if m.Size() <= frame.MaxPayload {
		return m.AppendFrame(nil, call)
	}
	var b []byte
	for at := 0; at < m.Size(); {
		b, at = m.AppendPart(b, call, at)
	}
	return b
}

func order(call uint32, list ...string) []byte {
	return message(call, frame.NewCall(0x200, 0, nil, codec.WriteStringSlice(nil, list)))
}

func reply(call uint32, flags uint8, body []byte) []byte {
	return message(call, frame.Message{Kind: frame.Reply, Flags: flags, Body: body})
}

func TestDeclaredErrorInAReply(t *testing.T) {
	body, start := codec.BeginLength(nil)
	body = codec.EndLength(append(codec.WriteString(body, "tea"), 1, 0), start)
	e := frame.CallError{Code: 8, Message: "no tea", Name: "shop.SoldOut", Body: body}
	data := append(order(1, "tea"), reply(1, frame.FlagError, e.Append(nil))...)
	check(t, dump.Options{}, func(p *dump.Page) { p.Frames(data) }, `
		CALL of call 1, shop.Shop.Order
		     0  00 09                    length                    9
		     2  02                       kind                      CALL
		     3  00                       flags                     none
		     4  00 00 00 01              call                      1
		     8  02 00                    method                    shop.Shop.Order
		    10  00 01                    list                      1 element
		    12  00 03 74 65 61           list[0]                   "tea"
		REPLY of call 1, shop.Shop.Order
		    17  00 21                    length                    33
		    19  03                       kind                      REPLY
		    20  04                       flags                     ERROR
		    21  00 00 00 01              call                      1
		    25  00 08                    code                      resource_exhausted
		    27  00 06 6e 6f 20 74 65 61  message                   "no tea"
		    35  00 0c 73 68 6f 70 2e 53  name                      "shop.SoldOut"
		    43  6f 6c 64 4f 75 74
		    49  00 07                    SoldOut                   error of 7 bytes
		    51  00 03 74 65 61           SoldOut.item              "tea"
		    56  01                       SoldOut.left              present
		     !  SoldOut.left at offset 57: 2 bytes wanted, only 1 remains
		    57  00                       not read
	`, 1)
}

func TestMessageOfSeveralFrames(t *testing.T) {
	data := order(3, strings.Repeat("x", 100_000))
	check(t, dump.Options{}, func(p *dump.Page) { p.Frames(data) }, `
		CALL of call 3, shop.Shop.Order
		     0  ff ff                    length                    65535
		     2  02                       kind                      CALL
		     3  01                       flags                     MORE
		     4  00 00 00 03              call                      3
		     8  00 01 86 aa              size of the message       100010
		    12  02 00 00 01 ff ff 00 01  part of the message
		    20  86 a0 78 78 78 78 78 78
		    28  78 78 78 78 78 78 78 78
		    36  78 78 78 78 78 78 78 78
		    44  78 78 78 78 78 78 78 78
		    52  78 78 78 78 78 78 78 78
		    60  78 78 78 78 78 78 78 78
		        … 65475 more bytes
		CALL of call 3
		 65543  86 af                    length                    34479
		 65545  02                       kind                      CALL
		 65546  00                       flags                     none
		 65547  00 00 00 03              call                      3
		 65551  78 78 78 78 78 78 78 78  part of the message
		 65559  78 78 78 78 78 78 78 78
		 65567  78 78 78 78 78 78 78 78
		 65575  78 78 78 78 78 78 78 78
		 65583  78 78 78 78 78 78 78 78
		 65591  78 78 78 78 78 78 78 78
		 65599  78 78 78 78 78 78 78 78
		        … 34423 more bytes
		the message of these 2 frames, by its own offsets
		     0  02 00                    method                    shop.Shop.Order
		     2  00 01                    list                      1 element
		     4  ff ff 00 01 86 a0 78 78  list[0]                   "`+strings.Repeat("x", 99)+`…
		    12  78 78 78 78 78 78 78 78
		    20  78 78 78 78 78 78 78 78
		    28  78 78 78 78 78 78 78 78
		    36  78 78 78 78 78 78 78 78
		    44  78 78 78 78 78 78 78 78
		    52  78 78 78 78 78 78 78 78
		        … 99950 more bytes
	`, 0)
}

func TestFramesWithoutTheirCall(t *testing.T) {
	_, talk := load(t, "Shop.Talk")
	item := message(5, frame.Message{Kind: frame.Item, Body: []byte{0, 0, 0, 7}})
	for _, test := range []struct {
		options dump.Options
		want    string
	}{
		{dump.Options{}, "00 00 00 07              item\n"},
		{dump.Options{Method: talk, FromCallee: true}, "00 00 00 07              prices                    7\n"},
		{dump.Options{Method: talk}, "00 00                    lines                     \"\"\n" +
			"    10  00 07                    more, which the schema does not know\n"},
	} {
		got, mistakes := page(t, test.options, func(p *dump.Page) { p.Frames(item) })
		if !strings.HasSuffix(got, "\n     8  "+test.want) || mistakes != 0 {
			t.Errorf("got\n%s%d mistakes, want at its end %q", got, mistakes, test.want)
		}
	}
}

func TestResponses(t *testing.T) {
	_, pay := load(t, "Till.Pay")
	alone := append([]byte{0, 5}, codec.WriteString(nil, "odd")...)
	check(t, dump.Options{}, func(p *dump.Page) { p.Response(alone, pay) }, `
		response in the classic form, shop.Till.Pay
		     0  00 05                    length                    5
		     2  00 03 6f 64 64           error                     "odd"
	`, 0)
	full := []byte{0, 6, 0, 0, 0, 9, 0, 0}
	check(t, dump.Options{}, func(p *dump.Page) { p.Response(append(full, 0xFF), pay) }, `
		response in the classic form, shop.Till.Pay
		     0  00 06                    length                    6
		     2  00 00 00 09              change                    9
		     6  00 00                    error                     ""
		     8  ff                       after the response
	`, 0)
	check(t, dump.Options{}, func(p *dump.Page) { p.Response(full[:4], pay) }, `
		response in the classic form, shop.Till.Pay
		     0  00 06                    length                    6
		     !  length at offset 0: 6 bytes are to follow, only 2 remain
		     !  change at offset 2: 4 bytes wanted, only 2 remain
		     2  00 00                    not read
	`, 2)
}

// connection returns a connection as it is read from a capture that send fills.
func connection(t testing.TB, send func(*capturetest.File)) *capture.Connection {
	t.Helper()
	var f capturetest.File
	send(&f)
	connections, err := capture.Read(f.Bytes())
	if err != nil || len(connections) != 1 {
		t.Fatalf("got %d connections, %v, want 1", len(connections), err)
	}
	return connections[0]
}

// heads returns the lines of a page that are neither rows nor mistakes.
func heads(page string) string {
	var heads []string
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "  ") && line != "\n" {
			heads = append(heads, strings.TrimSpace(line))
		}
	}
	return strings.Join(heads, "\n")
}

func TestConnectionInTheMiddleWithALoss(t *testing.T) {
	c := connection(t, func(f *capturetest.File) {
		conn := f.Conn("10.0.0.1:50000", "10.0.0.2:7000")
		first := order(1, "tea")
		conn.Send(false, append([]byte("\xFF\xFF\xFF"), first...))
		conn.Send(true, reply(1, 0, make([]byte, 8)))
		conn.Send(false, order(3, "milk")[:10])
		conn.Lose(false, 12)
		conn.Send(false, order(5, "bread"))
		conn.Send(true, reply(5, 0, make([]byte, 8)))
	})
	got, mistakes := page(t, dump.Options{}, func(p *dump.Page) { p.Connection(c) })
	want := `10.0.0.1:50000 > 10.0.0.2:7000, session form
client: in the middle of frames
client: CALL of call 1, shop.Shop.Order
server: REPLY of call 1, shop.Shop.Order
server: REPLY of call 5
client: beginning of a frame
client: 12 bytes are not in the capture
client: CALL of call 5, shop.Shop.Order`
	if heads(got) != want || mistakes != 1 {
		t.Errorf("got\n%s\n%d mistakes, want 1 and\n%s", heads(got), mistakes, want)
	}
}

func TestPacketsCutFramesAnywhere(t *testing.T) {
	data := append([]byte(frame.Preface), frame.AppendHello(nil, frame.Floors)...)
	data = append(data, order(1, "tea", "milk")...)
	show := func(step int) string {
		c := connection(t, func(f *capturetest.File) {
			conn := f.Dial("10.0.0.1:50000", "10.0.0.2:7000")
			for at := 0; at < len(data); at += step {
				conn.Send(false, data[at:min(at+step, len(data))])
			}
		})
		text, _ := page(t, dump.Options{}, func(p *dump.Page) { p.Connection(c) })
		return text
	}
	want := show(len(data))
	if !strings.Contains(want, `"milk"`) {
		t.Errorf("got\n%s\nwant \"milk\" in it", want)
	}
	for _, step := range []int{1, 3} {
		if got := show(step); got != want {
			t.Errorf("in packets of %d: got\n%s\nwant\n%s", step, got, want)
		}
	}
}

func TestConnectionsInNeitherForm(t *testing.T) {
	for data, want := range map[string]string{
		"GET / HTTP/1.1\r\n":           "10.0.0.1:50000 > 10.0.0.2:7000, neither the session form nor a request of the classic form that the packages have",
		"\x16\x03\x01\x02\x00\x01\x00": "10.0.0.1:50000 > 10.0.0.2:7000, TLS, which only its two ends can read",
		"\x00\x02\x01\x00":             "10.0.0.1:50000 > 10.0.0.2:7000, classic form\nrequest in the classic form, shop.Till.Pay\nno response was captured",
	} {
		c := connection(t, func(f *capturetest.File) {
			f.Dial("10.0.0.1:50000", "10.0.0.2:7000").Send(false, []byte(data))
		})
		got, _ := page(t, dump.Options{}, func(p *dump.Page) { p.Connection(c) })
		if heads(got) != want {
			t.Errorf("%q: got\n%s\nwant\n%s", data, heads(got), want)
		}
	}
}

func TestHex(t *testing.T) {
	want := make([]byte, 21)
	for i := range want {
		want[i] = byte(i * 13)
	}
	var goLiteral, canonical, xxd, colons strings.Builder
	for i, b := range want {
		fmt.Fprintf(&goLiteral, "0x%x, ", b)
		fmt.Fprintf(&colons, "%02X:", b)
		if i%16 == 0 {
			fmt.Fprintf(&canonical, "\n%08x ", i)
			fmt.Fprintf(&xxd, "\n%08x:", i)
		}
		fmt.Fprintf(&canonical, strings.Repeat(" ", 1+i%16/8*(1-min(1, i%8)))+"%02x", b)
		fmt.Fprintf(&xxd, strings.Repeat(" ", 1-i%2)+"%02x", b)
		if i%16 == 15 {
			canonical.WriteString("  |ab  cd  0123456 |")
			xxd.WriteString("  ab  cd  01234567")
		}
	}
	canonical.WriteString("                                  |01234|\n00000015\n")
	for _, text := range []string{goLiteral.String(), canonical.String(), xxd.String(), colons.String(), fmt.Sprintf("%x", want)} {
		if got, err := dump.ParseHex(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got % x, %v, want % x", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"00 1":                      `line 1: "1" is no bytes in hexadecimal: they have two digits each`,
		"00\nxy":                    `line 2: "xy" is no bytes in hexadecimal: they have two digits each`,
		"00000000  00 01\n*":        "line 2 stands for lines that were left out: dump with hexdump -v",
		"00000000: 0001\n00000010:": "line 2 is for offset 00000010, behind 2 bytes: are lines missing? (hexdump -v leaves none out)",
		"00000010: 0001":            "line 1 begins at offset 00000010: give the dump from its first line on",
	} {
		if _, err := dump.ParseHex(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// FuzzPage shows any bytes as everything that they might be: it ends, and the terminal is safe.
func FuzzPage(f *testing.F) {
	_, pay := load(f, "Till.Pay")
	_, talk := load(f, "Shop.Talk")
	f.Add(append(order(1, "tea"), reply(1, frame.FlagError, nil)...))
	f.Add(append([]byte(frame.Preface), frame.AppendHello(nil, frame.Floors)...))
	f.Add(frame.AppendGoAway(frame.AppendCredit(frame.AppendCancel(nil, 1, 1, "x\x1b[31m"), 1, 7), 3, "bye"))
	f.Add(binary.BigEndian.AppendUint32(nil, 0x00020100))
	f.Fuzz(func(t *testing.T, data []byte) {
		half := len(data) / 2
		c := &capture.Connection{Chunks: []capture.Chunk{{Data: data[:half]}, {FromServer: true, Data: data}, {Lost: 3, Data: data[half:]}}}
		text, _ := page(t, dump.Options{Method: talk, FromCallee: half%2 == 0}, func(p *dump.Page) {
			p.Request(data)
			p.Response(data, pay)
			p.Frames(data)
			p.Connection(c)
		})
		if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7F }); i >= 0 {
			t.Errorf("got %q at %d, want nothing that a terminal obeys", text[i], i)
		}
	})
}
