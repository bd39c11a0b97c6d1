package remote

import (
	"testing"
	"time"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"localhost:7000":        "localhost:7000",
		":7000":                 "localhost:7000",
		"tcp://10.0.0.1:7000":   "10.0.0.1:7000",
		"tls://[::1]:7000":      "[::1]:7000",
		"tcp://10.0.0.1:7000/":  "10.0.0.1:7000",
		"localhost:70000":       `"localhost:70000" is no address: there is no port "70000", they go to 65535`,
		"localhost:7000/x":      `"localhost:7000/x" is no address: there is no port "7000/x", they go to 65535`,
		"localhost":             `"localhost" is no address, want host:port like localhost:7000`,
		"localhost:":            `"localhost:" is no address, want host:port like localhost:7000`,
		"a:1,b:2":               `"a:1,b:2" is no address, want host:port like localhost:7000`,
		"":                      `"" is no address, want host:port like localhost:7000`,
		"http://localhost:7000": `"http://localhost:7000" begins with http://, want host:port, tcp://host:port or tls://host:port`,
	} {
		caller, err := Target{Address: address}.Dial()
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = caller.Address
			caller.Close()
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", address, got, want)
		}
	}
}

// TestMethodForRuntime holds what the runtime is told of a method against its IDL.
func TestMethodForRuntime(t *testing.T) {
	d, err := parse("here", []string{"a.A"}, `-- a/a.parley --
package a
@classic
service A = 2 {
	@idempotent
	@timeout(3s)
	5: Do(x bool) (list []string, n uint32)
}
error Gone "gone"
`)
	if err != nil {
		t.Fatal(err)
	}
	got := NewMethod(d.Services[0].Methods[0], d.Schema, 0).wire
	if got.String() != "a.A.Do" || got.Type != 0x205 || !got.Classic || !got.Idempotent || got.Timeout != 3*time.Second {
		t.Errorf("got %+v, want classic a.A.Do, type 0x205, idempotent, 3s", got)
	}
	if zero := string(got.Zero([]byte("x"))); zero != "x\x00\x00\x00\x00\x00\x00" {
		t.Errorf("got %q as results with nothing in them, want six bytes of zero behind x", zero)
	}
	if len(got.Throws) != 1 || got.Throws[0].Name != "a.Gone" {
		t.Errorf("got %v, want all errors of the schema", got.Throws)
	}
	if got := NewMethod(d.Services[0].Methods[0], d.Schema, time.Minute).wire.Timeout; got != time.Minute {
		t.Errorf("got %v, want the given time in place of the method's", got)
	}
}
