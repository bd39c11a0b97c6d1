package lsp

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the server says into the conversations")

// TestConversations runs testdata/*.txtar. A case is the files of a root and a last section conversation, whose lines are
//
//	start                the server is initialized
//	> METHOD PARAMS      a request
//	complete AT(…)       a request for completion, whose result is the labels and the range that they replace
//	! METHOD PARAMS      a notification
//	open FILE            the file is opened, as it is on disk
//	type FILE OLD => NEW the first OLD in the open file becomes NEW; both are Go strings
//	close FILE           the file is closed
//	? FILE               what the server says is wrong with the file
//	< RESULT             what came of the line above
//
// In PARAMS, AT(FILE "text|text") is the document and position of the bar in the first place of that text, and DOC(FILE) is the
// document. In RESULT, a range is written "line:character-line:character" and a URI by its path.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			last := &archive.Files[len(archive.Files)-1]
			got := converse(t, archive, string(last.Data))
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if want := string(last.Data); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// A script is one conversation.
type script struct {
	*client
	texts map[string]string // of the root's files, as the editor has them
}

// converse does what the lines of a conversation say and returns them with what came of it.
func converse(t *testing.T, archive *txtar.Archive, lines string) string {
	texts := map[string]string{}
	for _, f := range archive.Files[:len(archive.Files)-1] {
		texts[f.Name] = string(f.Data)
	}
	s := &script{startClient(t, texts), texts}
	var got strings.Builder
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, "<") {
			continue
		}
		got.WriteString(line)
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if result := s.do(verb, rest); result != "" {
			fmt.Fprintf(&got, "< %s\n", result)
		}
	}
	return got.String()
}

// do does what one line says.
func (s *script) do(verb, rest string) string {
	switch verb {
	case "", "#":
	case "start":
		s.start()
	case "complete":
		return s.labels(rest)
	case ">":
		method, params, _ := strings.Cut(rest, " ")
		result, err := s.call(method, json.RawMessage(s.expand(params)))
		if err != nil {
			return err.Error()
		}
		return s.shorten(result)
	case "!":
		method, params, _ := strings.Cut(rest, " ")
		s.notify(method, json.RawMessage(s.expand(params)))
	case "open":
		s.open(rest, s.texts[rest])
	case "type":
		s.typed(rest)
	case "close":
		delete(s.versions, s.uri(rest))
		s.notify("textDocument/didClose", documentParams{textDocument{URI: s.uri(rest)}})
	case "?":
		result, err := json.Marshal(s.diagnostics(rest))
		if err != nil {
			s.t.Fatal(err)
		}
		return s.shorten(result)
	default:
		s.t.Fatalf("a line begins with %q", verb)
	}
	return ""
}

// labels returns the labels of the completions at a place.
func (s *script) labels(at string) string {
	result, err := s.call("textDocument/completion", json.RawMessage("{"+s.expand(at)+"}"))
	var items []CompletionItem
	if err != nil || json.Unmarshal(result, &items) != nil {
		s.t.Fatalf("%s: got %s, %v, want completions", at, result, err)
	}
	labels := "nothing"
	for i, item := range items {
		if item.TextEdit.NewText != item.Label || item.TextEdit.Range != items[0].TextEdit.Range {
			s.t.Errorf("%s: got an edit %+v, want %q in the place of that of the first", at, item.TextEdit, item.Label)
		}
		if i == 0 {
			r := item.TextEdit.Range
			labels = fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character)
		}
		labels += " " + item.Label
	}
	return labels
}

// typed changes the range of a text.
func (s *script) typed(rest string) {
	name, both, _ := strings.Cut(rest, " ")
	from, to, _ := strings.Cut(both, " => ")
	old, err := strconv.Unquote(from)
	if err != nil {
		s.t.Fatal(from, err)
	}
	replaced, err := strconv.Unquote(to)
	if err != nil {
		s.t.Fatal(to, err)
	}
	start := strings.Index(s.texts[name], old)
	if start < 0 {
		s.t.Fatalf("%s holds no %q", name, old)
	}
	t := newText(s.texts[name])
	s.change(name, change{&Range{t.position(start, encodingUTF16), t.position(start+len(old), encodingUTF16)}, replaced})
	s.texts[name] = strings.Replace(s.texts[name], old, replaced, 1)
}

var (
	atMacro  = regexp.MustCompile(`AT\((\S+) ("(?:[^"\\]|\\.)*")\)`)
	docMacro = regexp.MustCompile(`DOC\((\S+)\)`)
)

// expand replaces the macros in parameters.
func (s *script) expand(params string) string {
	if params == "" {
		return "{}"
	}
	params = docMacro.ReplaceAllStringFunc(params, func(macro string) string {
		return fmt.Sprintf(`"textDocument":{"uri":%q}`, s.uri(docMacro.FindStringSubmatch(macro)[1]))
	})
	return atMacro.ReplaceAllStringFunc(params, func(macro string) string {
		m := atMacro.FindStringSubmatch(macro)
		marked, err := strconv.Unquote(m[2])
		if err != nil {
			s.t.Fatal(macro, err)
		}
		before, after, _ := strings.Cut(marked, "|")
		i := strings.Index(s.texts[m[1]], before+after)
		if i < 0 {
			s.t.Fatalf("%s: not found", macro)
		}
		p := newText(s.texts[m[1]]).position(i+len(before), encodingUTF16)
		return fmt.Sprintf(`"textDocument":{"uri":%q},"position":{"line":%d,"character":%d}`, s.uri(m[1]), p.Line, p.Character)
	})
}

var rangeForm = regexp.MustCompile(`\{"start":\{"line":(\d+),"character":(\d+)\},"end":\{"line":(\d+),"character":(\d+)\}\}`)

// shorten writes a result for people, each element of a list on a line of its own.
func (s *script) shorten(result json.RawMessage) string {
	text := rangeForm.ReplaceAllString(string(result), `"$1:$2-$3:$4"`)
	text = strings.ReplaceAll(text, uriOf(s.root)+"/", "")
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil || len(list) < 2 {
		return text
	}
	var lines bytes.Buffer
	for i, element := range list {
		if i > 0 {
			lines.WriteString("\n< ")
		}
		lines.Write(element)
	}
	return lines.String()
}
