package tui

import (
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/examples/justchat/names"
)

const (
	prompt       = "› "
	inputRows    = 5        // at most
	longestDraft = 64 << 10 // characters: more than can be sent, so that it is said and not cut
	keptInputs   = 100      // that Up and Down bring back
)

// An input is the text box: a draft of one or many lines, and what was typed before. Only keys and pastes change it.
type input struct {
	area textarea.Model

	typed []string // the oldest first
	at    int      // of typed, or len(typed) for the draft
	draft string   // while at is elsewhere

	width int    // columns
	drawn string // the area's view; empty if it has changed since
}

func newInput() input {
	area := textarea.New()
	area.SetPromptFunc(ansi.StringWidth(prompt), func(info textarea.PromptInfo) string {
		if info.LineNumber == 0 {
			return prompt
		}
		return ""
	})
	area.ShowLineNumbers = false
	area.EndOfBufferCharacter = ' '
	area.CharLimit = longestDraft
	area.DynamicHeight, area.MinHeight, area.MaxHeight = true, 1, inputRows
	area.MaxContentHeight = 2 * longestDraft
	area.SetVirtualCursor(false)
	plain := textarea.StyleState{Prompt: lipgloss.NewStyle().Bold(true)}
	area.SetStyles(textarea.Styles{Focused: plain, Blurred: plain, Cursor: textarea.CursorStyle{Shape: tea.CursorBar}})
	area.KeyMap.InsertNewline = key.NewBinding(key.WithKeys("alt+enter", "ctrl+j", "shift+enter"))
	for _, unused := range []*key.Binding{
		&area.KeyMap.Paste, &area.KeyMap.PageUp, &area.KeyMap.PageDown,
		&area.KeyMap.CopySelection, &area.KeyMap.SelectAll, &area.KeyMap.SelectLineUp, &area.KeyMap.SelectLineDown,
		&area.KeyMap.SelectCharacterBackward, &area.KeyMap.SelectCharacterForward,
		&area.KeyMap.SelectWordBackward, &area.KeyMap.SelectWordForward,
	} {
		unused.SetEnabled(false)
	}
	area.Focus()
	return input{area: area}
}

// fit has the box be so wide, and take at most so many rows.
func (i *input) fit(width, rows int) {
	rows = min(max(rows, 1), inputRows)
	if width = max(width, len(prompt)+1); width != i.width || rows != i.area.MaxHeight {
		i.width, i.area.MaxHeight = width, rows
		i.area.SetWidth(width)
		i.settle()
	}
}

// settle has the area show where its cursor is: it only looks where that is when it takes a message.
func (i *input) settle() {
	i.area, _ = i.area.Update(nil)
	i.drawn = ""
}

func (i *input) height() int { return i.area.Height() }

func (i *input) value() string { return i.area.Value() }

// set makes the draft another, with the cursor at its end.
func (i *input) set(text string) {
	i.area.SetValue(text)
	i.settle()
}

// update takes a key that is the box's own.
func (i *input) update(msg tea.KeyPressMsg) {
	i.area, _ = i.area.Update(msg)
	i.drawn = ""
}

// paste puts a text at the cursor, with the line ends that it has.
func (i *input) paste(text string) {
	i.area.InsertString(names.Printable(text, true))
	i.settle()
}

// send returns the draft, and empties the box.
func (i *input) send() string {
	text := i.value()
	if text != "" && (len(i.typed) == 0 || i.typed[len(i.typed)-1] != text) {
		i.typed = append(i.typed, text)
		i.typed = i.typed[max(len(i.typed)-keptInputs, 0):]
	}
	i.at, i.draft = len(i.typed), ""
	i.set("")
	return text
}

// recall brings back what was typed before, or after, if the cursor is in the draft's first row, or its last.
func (i *input) recall(step int) bool {
	info := i.area.LineInfo()
	if step < 0 && (i.area.Line() > 0 || info.RowOffset > 0) ||
		step > 0 && (i.area.Line() < i.area.LineCount()-1 || info.RowOffset < info.Height-1) {
		return false
	}
	to := i.at + step
	if to < 0 || to > len(i.typed) {
		return true
	}
	if i.at == len(i.typed) {
		i.draft = i.value()
	}
	i.at = to
	if to == len(i.typed) {
		i.set(i.draft)
	} else {
		i.set(i.typed[to])
	}
	return true
}

// complete has f change a draft of one line.
func (i *input) complete(f func(line string, cursor int) (string, int)) {
	line := i.value()
	if strings.Contains(line, "\n") {
		return
	}
	line, cursor := f(line, len(string([]rune(line)[:i.area.Column()])))
	before, after := names.Printable(line[:cursor], false), names.Printable(line[cursor:], false)
	i.set(before + after)
	i.area.SetCursorColumn(utf8.RuneCountInString(before))
}

// view returns the box, of exactly its height.
func (i *input) view() string {
	if i.drawn == "" {
		i.drawn = i.area.View()
	}
	return i.drawn
}

// cursor returns where the cursor is in the box.
func (i *input) cursor() *tea.Cursor { return i.area.Cursor() }
