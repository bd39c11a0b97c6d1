package talk

import (
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// TestList: the first are those of the report, in its order and words.
func TestList(t *testing.T) {
	want := `<----- JustChat Commands ----->
Private Message ==> #message #user #text
Private File    ==> #share #user #/path
Public File     ==> #share #/path
Available Files ==> #available files
Get File        ==> #get #filename
Commands        ==> #commands
Who Is Here     ==> #users
Last Messages   ==> #history [n]
Find Messages   ==> #search words
Take Offer      ==> #accept [n]
Decline Offer   ==> #decline [n]
Cancel Transfer ==> #cancel [n]
Remove File     ==> #remove #filename
Leave           ==> #quit
<----->`
	if got := strings.Join(List(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestUsagesParse: what #commands prints can be typed.
func TestUsagesParse(t *testing.T) {
	for _, usage := range Commands {
		if got, err := Parse(usage.String()); err != nil || got.Name != usage.Name || len(got.Args) != len(usage.Args) {
			t.Errorf("Parse(%q): %+v, %v", usage, got, err)
		}
	}
}

// TestKinds: what completes which argument.
func TestKinds(t *testing.T) {
	var got []string
	for _, usage := range Commands {
		for i := range usage.Args {
			if kind := usage.Kind(i); kind != "" {
				got = append(got, usage.Name+" "+kind)
			}
		}
	}
	want := "message user, share user, share /path, share /path, get filename, accept offer, decline offer, cancel transfer, remove filename"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
}
