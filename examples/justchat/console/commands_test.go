package console

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// parsed are lines, and what they are: a command's name and its arguments, or a part of the error.
var parsed = []struct {
	line, name string
	args       []string
	err        string
}{
	{line: "hello", args: []string{"hello"}},
	{line: "hello\r\n", args: []string{"hello"}},
	{line: "hello\n", args: []string{"hello"}},
	{line: "  hello # there #you ", args: []string{"  hello # there #you "}},
	{line: "", args: []string{""}},
	{line: "##message #Elon #hi", args: []string{"#message #Elon #hi"}},
	{line: "##", args: []string{"#"}},
	{line: "###", args: []string{"##"}},
	{line: " ##a", args: []string{"#a"}},
	{line: "#message #Elon #hi", name: "message", args: []string{"Elon", "hi"}},
	{line: "#message #Elon #hi\r\n", name: "message", args: []string{"Elon", "hi"}},
	{line: "#message #Elon Musk #we are #1 #really", name: "message", args: []string{"Elon Musk", "we are #1 #really"}},
	{line: "#message  #Elon  #  hi ", name: "message", args: []string{"Elon", "  hi "}},
	{line: "#message #Elon ##hi", name: "message", args: []string{"Elon", "#hi"}},
	{line: " \t#message #Elon #hi", name: "message", args: []string{"Elon", "hi"}},
	{line: "#message", err: "type it as #message #user #text"},
	{line: "#message #Elon", err: "type it as"},
	{line: "#message #Elon #", err: "type it as"},
	{line: "#message #Elon #\r\r", err: "type it as"},
	{line: "#message # #hi", err: "type it as"},
	{line: "#message Elon #hi", err: "type it as"},
	{line: "#message Elon hi", err: "type it as"},
	{line: "#users", name: "users"},
	{line: "#users  ", name: "users"},
	{line: "#users please", err: "type it as #users"},
	{line: "#history", name: "history", args: []string{""}},
	{line: "#history 5", name: "history", args: []string{"5"}},
	{line: "#history #5", name: "history", args: []string{"5"}},
	{line: "#search two words", name: "search", args: []string{"two words"}},
	{line: "#search", err: "type it as #search words"},
	{line: "#available files", name: "available files"},
	{line: "#available", err: "there is no command #available,"},
	{line: "#commands", name: "commands"},
	{line: "#quit", name: "quit"},
	{line: "#quitter", err: "there is no command #quitter,"},
	{line: "#Quit", err: "there is no command #Quit,"},
	{line: "#share #/etc/passwd", err: "there is no command #share, and nothing was sent"},
	{line: "#", err: "there is no command #,"},
	{line: "# users", err: "there is no command #,"},
}

func TestParse(t *testing.T) {
	for _, test := range parsed {
		got, err := Parse(test.line)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("Parse(%q): %+v, %v; want an error with %q", test.line, got, err, test.err)
			}
			continue
		}
		if err != nil || got.Name != test.name || fmt.Sprintf("%q", got.Args) != fmt.Sprintf("%q", test.args) {
			t.Errorf("Parse(%q): %q %q, %v; want %q %q", test.line, got.Name, got.Args, err, test.name, test.args)
		}
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

func TestHistoryCount(t *testing.T) {
	for arg, want := range map[string]int{"": usualHistory, "1": 1, "1000": 1000, "0": 0, "1001": 0, "-1": 0, "x": 0, "1e3": 0} {
		got, err := historyCount(arg)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("historyCount(%q): %d, %v; want %d", arg, got, err, want)
		}
	}
}

// FuzzParse: whatever is typed, what begins with one # is never a text to all, and what is one is all of what was
// typed.
func FuzzParse(f *testing.F) {
	for _, test := range parsed {
		f.Add(test.line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		command, err := Parse(line)
		if err != nil {
			return
		}
		typed := strings.TrimLeft(line, " \t")
		if isCommand := strings.HasPrefix(typed, "#") && !strings.HasPrefix(typed, "##"); isCommand != (command.Name != "") {
			t.Fatalf("%q is %+v", line, command)
		}
		if command.Name == "" && !strings.Contains(line, command.Args[0]) {
			t.Fatalf("%q is the text %q", line, command.Args[0])
		}
		if command.Name == "message" {
			user, text := command.Args[0], command.Args[1]
			if strings.Contains(user, " #") || strings.Trim(user, " \t") != user || user == "" {
				t.Fatalf("%q is for %q", line, user)
			}
			if again, err := Parse("#message #" + user + " #" + text); err != nil || fmt.Sprint(again) != fmt.Sprint(command) {
				t.Fatalf("%q is %q, and then %q, %v", line, command, again, err)
			}
		}
	})
}
