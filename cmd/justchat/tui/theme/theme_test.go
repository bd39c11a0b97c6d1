package theme

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
)

// colours are SGR sequences with a colour in them: 30 to 49 and 90 to 107, alone or among others.
var colours = regexp.MustCompile(`\x1b\[(?:[0-9;:]*;)?(?:[34][0-9]|9[0-7]|10[0-7])[;:m]`)

// shown returns how each of the styles shows a letter, by the field's name.
func (s *Styles) shown() map[string]string {
	all := make(map[string]string)
	for field, value := range reflect.ValueOf(s).Elem().Fields() {
		style := value.Interface().(lipgloss.Style)
		all[field.Name] = style.Render("x")
	}
	return all
}

// TestNoColor: with NO_COLOR there is no colour anywhere, and what has to be told apart still can be.
func TestNoColor(t *testing.T) {
	for _, test := range []struct {
		environ []string
		want    bool
	}{
		{nil, false},
		{[]string{"TERM=xterm-256color", "COLORTERM=truecolor"}, false},
		{[]string{"NO_COLOR=1"}, true},
		{[]string{"NO_COLOR=0"}, true},
		{[]string{"NO_COLOR=yes", "CLICOLOR_FORCE=1"}, true},
		{[]string{"NO_COLOR="}, false},
		{[]string{"NO_COLOR=1", "NO_COLOR="}, false},
		{[]string{"XNO_COLOR=1", "NO_COLORS=1"}, false},
		{[]string{"TERM=vt100"}, true},
		{[]string{"TERM=vt100", "TERM=xterm"}, false},
	} {
		for _, dark := range []bool{true, false} {
			s := New(test.environ, dark)
			all := s.shown()
			var texts []string
			for _, text := range all {
				texts = append(texts, text)
			}
			if got := !colours.MatchString(strings.Join(texts, "")); got != test.want {
				t.Errorf("%q, dark %v: got no colours %v, want %v: %q", test.environ, dark, got, test.want, texts)
			}
			for _, pair := range [][2]string{
				{"Own", "Other"}, {"Own", "Private"}, {"Own", "Note"}, {"Own", "Unread"}, {"Status", "StatusWarn"},
				{"Pane", "PaneFocused"}, {"Own", "Chosen"}, {"Own", "Key"}, {"Own", "Clock"}, {"Own", "Bad"}, {"Note", "Wrong"},
			} {
				if all[pair[0]] == all[pair[1]] {
					t.Errorf("%q, dark %v: %s looks as %s does: %q", test.environ, dark, pair[0], pair[1], all[pair[0]])
				}
			}
		}
	}
}

// TestFewColours: only those are used that a terminal's owner chooses, and none that is hard to see on its background.
func TestFewColours(t *testing.T) {
	for dark, faint := range map[bool][]string{true: {"30", "34", "37", "97"}, false: {"33", "37", "92", "93", "96", "97"}} {
		s := New(nil, dark)
		for field, text := range s.shown() {
			for _, code := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(text, "\x1b["), "mx\x1b[m"), ";") {
				if slices.Contains(faint, code) || code == "38" || code == "48" {
					t.Errorf("dark %v: %s has %s in %q", dark, field, code, text)
				}
			}
		}
	}
}
