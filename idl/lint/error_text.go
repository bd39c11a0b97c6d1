package lint

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var errorText = &Rule{
	ID:      "error-text",
	Summary: "an error's text is in lower case and ends without punctuation",
	Why: `In Go it is printed behind other text, «join: the name alice is taken», and other text behind it. A word in
capitals, such as HTTP, may begin it.`,
	Bad: `
// NameTaken says that another user holds the name.
@code(already_exists)
error NameTaken "The name {name} is taken." {
	name string
}

// Door lets users in.
service Door = 1 {
	// Enter lets a user in.
	0: Enter(name string) throws NameTaken
}
`,
	Good: `
// NameTaken says that another user holds the name.
@code(already_exists)
error NameTaken "the name {name} is taken" {
	name string
}

// Door lets users in.
service Door = 1 {
	// Enter lets a user in.
	0: Enter(name string) throws NameTaken
}
`,
	check: checkErrorText,
}

func checkErrorText(p *pass) {
	for file, node := range p.errors() {
		text := node.Text.Unquote()
		first, size := utf8.DecodeRuneInString(text)
		second, _ := utf8.DecodeRuneInString(text[size:])
		switch {
		case unicode.IsUpper(first) && !unicode.IsUpper(second) && !unicode.IsDigit(second):
			p.reportAt(file, node.Text, "begin it with a small letter", "the text of error %q begins with a capital", node.Name.Name)
		case strings.TrimRight(text, ".!?:; \t\n") != text:
			p.reportAt(file, node.Text, "end it with a word", "the text of error %q ends with punctuation or a blank", node.Name.Name)
		}
	}
}
