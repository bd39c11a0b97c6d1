package dynamic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	p := parser{json.NewDecoder(bytes.NewReader(text))}
	p.decoder.UseNumber()
	value, err := p.value(0)
	if err != nil {
		return nil, notJSON(err)
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("the JSON goes on behind its value, at byte %d", p.decoder.InputOffset())
	}
	return value, nil
}

// notJSON says where the JSON is wrong.
func notJSON(err error) error {
	var known *Error
	var wrong *json.SyntaxError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &wrong):
		return fmt.Errorf("not JSON: %w, at byte %d", err, wrong.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not JSON: it ends too soon")
	}
	return fmt.Errorf("not JSON: %w", err)
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
