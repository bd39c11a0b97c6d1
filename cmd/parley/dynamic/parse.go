package dynamic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep JSON may nest. A message nests far less deep.
const maxDepth = 5000

// A member is a name in an object, with its value.
type member struct {
	name  string
	value any
}

// An object is a JSON object whose order is kept. No name stands in it twice.
type object []member

// parse reads the one JSON value that text is: an object, []any, string, json.Number, bool or nil.
func parse(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New(`the JSON is not UTF-8: a string of other bytes is written {"bytes": "base64"}`)
	}
	var wrong *json.SyntaxError
	if err := json.Unmarshal(text, new(json.RawMessage)); errors.As(err, &wrong) {
		return nil, fmt.Errorf("not JSON: %w, at byte %d", err, wrong.Offset)
	}
	if half := halfPair(text); half != nil {
		return nil, fmt.Errorf(`%s is half of a character: a string that is not UTF-8 is written {"bytes": "base64"}`, half)
	}
	p := parser{json.NewDecoder(bytes.NewReader(text))}
	p.decoder.UseNumber()
	return p.value(0)
}

// escapes matches what a backslash begins; two halves of a character are one.
var escapes = regexp.MustCompile(`\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)`)

// halfPair returns the first escape that is one half of a character, which the decoder would replace by a mark; nil if
// there is none.
func halfPair(text []byte) []byte {
	for _, escape := range escapes.FindAll(text, -1) {
		if len(escape) == 6 && (escape[2] == 'd' || escape[2] == 'D') && escape[3] >= '8' {
			return escape
		}
	}
	return nil
}

type parser struct{ decoder *json.Decoder }

// value reads the next value, inside of depth others.
func (p parser) value(depth int) (any, error) {
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	if depth == maxDepth {
		return nil, failf("lists and objects nest more than %d deep", maxDepth)
	}
	switch token {
	case json.Delim('['):
		return p.list(depth + 1)
	case json.Delim('{'):
		return p.object(depth + 1)
	}
	return token, nil
}

func (p parser) list(depth int) (any, error) {
	list := []any{}
	for p.decoder.More() {
		value, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := p.decoder.Token() // the bracket
	return list, err
}

func (p parser) object(depth int) (any, error) {
	members, names := object{}, map[string]bool{}
	for p.decoder.More() {
		token, err := p.decoder.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the decoder sees to it
		if names[name] {
			return nil, failf("%s stands twice in an object", strconv.Quote(name))
		}
		names[name] = true
		value, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, value})
	}
	_, err := p.decoder.Token() // the brace
	return members, err
}

// kindOf names what a parsed value is, for errors.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a bool"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}
