package heartbeat

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// TestLayout holds the bytes of the package's doc; the HMACs were computed by another
// implementation.
func TestLayout(t *testing.T) {
	for _, test := range []struct {
		name   string
		packet packet
		want   string
	}{
		{"ping", packet{kind: kindPing, nonce: nonce{0x01020304, 0x05060708, [12]byte{9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}}}, `
			4a434842 01 01 00 00  00000000
			01020304 05060708 090a0b0c0d0e0f1011121314
			ca210a0f335876e301226f57344cc6c4`},
		{"answer", packet{kindAnswer, State{Clients: 258, Draining: true}, nonce{0xffffffff, 0, [12]byte{}}}, `
			4a434842 01 02 01 00  00000102
			ffffffff 00000000 000000000000000000000000
			b4120b5045238e6acf51e51c211b2078`},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, err := hex.DecodeString(strings.Join(strings.Fields(test.want), ""))
			if err != nil {
				t.Fatal(err)
			}
			c := newCodec([]byte("key"))
			if got := c.append(nil, test.packet); !bytes.Equal(got, want) {
				t.Errorf("got\n%x, want\n%x", got, want)
			}
			got, ok := c.read(want)
			if !ok || got != test.packet {
				t.Errorf("read: got %+v, %v, want %+v", got, ok, test.packet)
			}
		})
	}
}
