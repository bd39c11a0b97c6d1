package talk

import (
	"fmt"
	"strings"
	"testing"
)

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
	{line: "#share #/a/b.png", name: "share", args: []string{"/a/b.png"}},
	{line: "#share #/a/b.png\r\n", name: "share", args: []string{"/a/b.png"}},
	{line: "#share #b.png", name: "share", args: []string{"b.png"}},
	{line: "#share #/a b/c d.png ", name: "share", args: []string{"/a b/c d.png"}},
	{line: "#share #'/a b/c.png' ", name: "share", args: []string{"'/a b/c.png'"}},
	{line: `#share #/a\ b.png`, name: "share", args: []string{`/a\ b.png`}},
	{line: "#share #Elon #/a/b.png", name: "share", args: []string{"Elon", "/a/b.png"}},
	{line: "#share  #Elon Musk  # b.png ", name: "share", args: []string{"Elon Musk", "b.png"}},
	{line: "#share #Elon #/a/b #1 #2.png", name: "share", args: []string{"Elon", "/a/b #1 #2.png"}},
	{line: "#share #/a/b #1 #2.png", name: "share", args: []string{"/a/b #1 #2.png"}},
	{line: "#share #a/b #1.png", name: "share", args: []string{"a/b #1.png"}},
	{line: `#share #C:\b #1.png`, name: "share", args: []string{`C:\b #1.png`}},
	{line: "#share #~/b #1.png", name: "share", args: []string{"~/b #1.png"}},
	{line: "#share #~ #1.png", name: "share", args: []string{"~ #1.png"}},
	{line: "#share #.b #1.png", name: "share", args: []string{".b #1.png"}},
	{line: "#share #Elon#/a/b.png", name: "share", args: []string{"Elon#/a/b.png"}},
	{line: "#share", err: "type it as #share #user #/path or #share #/path"},
	{line: "#share /a/b.png", err: "type it as #share"},
	{line: "#share Elon #/a/b.png", err: "type it as #share"},
	{line: "#share #", err: "type it as #share"},
	{line: "#share #Elon #", err: "type it as #share"},
	{line: "#share #Elon # ", err: "type it as #share"},
	{line: "#share # #/a/b.png", err: "type it as #share"},
	{line: "#share ## #/a/b.png", err: "type it as #share"},
	{line: "#share #Elon#Tony #/a/b.png", err: "type it as #share"},
	{line: "#share #b #1#2.png", name: "share", args: []string{"b", "1#2.png"}},
	{line: "#share #b#1.png", name: "share", args: []string{"b#1.png"}},
	{line: "#share # # #", err: "type it as #share"},
	{line: "#shared #/a/b.png", err: "there is no command #shared, and nothing was sent"},
	{line: "#get #b.png", name: "get", args: []string{"b.png"}},
	{line: "#get # my b #2.png ", name: "get", args: []string{"my b #2.png"}},
	{line: "#get", err: "type it as #get #filename"},
	{line: "#get #", err: "type it as #get #filename"},
	{line: "#get b.png", err: "type it as #get #filename"},
	{line: "#remove #b.png", name: "remove", args: []string{"b.png"}},
	{line: "#remove b.png", err: "type it as #remove #filename"},
	{line: "#accept", name: "accept", args: []string{""}},
	{line: "#accept 3", name: "accept", args: []string{"3"}},
	{line: "#accept\t#3", name: "accept", args: []string{"3"}},
	{line: "#accepted", err: "there is no command #accepted,"},
	{line: "#decline 3", name: "decline", args: []string{"3"}},
	{line: "#cancel 3 4", name: "cancel", args: []string{"3 4"}},
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
		if command.Name == "share" && len(command.Args) == 2 && (isPath(command.Args[0]) || strings.Contains(command.Args[0], "#")) {
			t.Fatalf("%q is for %q", line, command.Args[0])
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
