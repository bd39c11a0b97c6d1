package transport

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
	"unicode/utf8"
)

// MaxMetadata is the size, in bytes, of the largest metadata block that a CALL or a
// REPLY carries.
const MaxMetadata = 8 << 10

// maxReason is how many bytes of text a CANCEL or GOAWAY that we send carries; what is
// longer is cut. So what is sent without waiting for room stays small.
const maxReason = 1 << 10

var errShort = errors.New("ends early")

// appendString appends a string: its length as a uint16 and its bytes. For a longer one 0xFFFF
// stands there and the length follows as a uint32.
func appendString(b []byte, s string) []byte {
	if len(s) < 0xFFFF {
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	} else {
		b = binary.BigEndian.AppendUint16(b, 0xFFFF)
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	}
	return append(b, s...)
}

// cutString splits a string from b.
func cutString(b []byte) (s string, rest []byte, err error) {
	if len(b) < 2 {
		return "", nil, errShort
	}
	size := int(binary.BigEndian.Uint16(b))
	b = b[2:]
	if size == 0xFFFF {
		if len(b) < 4 {
			return "", nil, errShort
		}
		size = int(binary.BigEndian.Uint32(b))
		b = b[4:]
		if size < 0xFFFF {
			return "", nil, errors.New("has a long length for a short string")
		}
	}
	if size > len(b) {
		return "", nil, errShort
	}
	return string(b[:size]), b[size:], nil
}

// cutMetadata splits a metadata block from b: a uint16 count, and for each entry two strings.
func cutMetadata(b []byte) (block, rest []byte, err error) {
	if len(b) < 2 {
		return nil, nil, errShort
	}
	at := 2
	for range 2 * int(binary.BigEndian.Uint16(b)) {
		if len(b) < at+2 {
			return nil, nil, errShort
		}
		at += 2 + int(binary.BigEndian.Uint16(b[at:]))
		if at > MaxMetadata {
			return nil, nil, errors.New("has metadata over 8192 bytes")
		}
		if at > len(b) {
			return nil, nil, errShort
		}
	}
	return b[:at], b[at:], nil
}

// A callPayload is the payload of a CALL, in parts of the same storage.
type callPayload struct {
	method   uint16
	timeout  time.Duration // 0: no deadline
	metadata []byte
	params   []byte
}

func parseCall(flags uint8, b []byte) (p callPayload, err error) {
	if len(b) < 2 {
		return p, broken("CALL ends early")
	}
	p.method, b = binary.BigEndian.Uint16(b), b[2:]
	if flags&flagDeadline != 0 {
		if len(b) < 4 {
			return p, broken("CALL ends early")
		}
		// 0 ms left is over already, and not the lack of a deadline.
		p.timeout = max(time.Duration(binary.BigEndian.Uint32(b))*time.Millisecond, 1)
		b = b[4:]
	}
	if flags&flagMetadata != 0 {
		if p.metadata, b, err = cutMetadata(b); err != nil {
			return p, broken("CALL %w", err)
		}
	}
	p.params = b
	return p, nil
}

// milliseconds returns what is left as a CALL says it: rounded up, and at most what fits.
func milliseconds(left time.Duration) uint32 {
	ms := (left + time.Millisecond - 1) / time.Millisecond
	return uint32(min(max(ms, 0), math.MaxUint32))
}

// A replyPayload is the payload of a REPLY, in parts of the same storage.
type replyPayload struct {
	metadata []byte
	results  []byte
	err      *CallError // if set, there are no results
}

func parseReply(flags uint8, b []byte) (p replyPayload, err error) {
	if flags&flagMetadata != 0 {
		if p.metadata, b, err = cutMetadata(b); err != nil {
			return p, broken("REPLY %w", err)
		}
	}
	if flags&flagError == 0 {
		p.results = b
		return p, nil
	}
	if p.err, err = parseError(b); err != nil {
		return p, broken("REPLY %w", err)
	}
	return p, nil
}

func parseError(b []byte) (*CallError, error) {
	if len(b) < 2 {
		return nil, errShort
	}
	e := &CallError{Code: binary.BigEndian.Uint16(b)}
	var err error
	if e.Message, b, err = cutString(b[2:]); err != nil {
		return nil, err
	}
	if e.Name, b, err = cutString(b); err != nil {
		return nil, err
	}
	e.Body = append(e.Body, b...)
	return e, nil
}

func (e *CallError) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, e.Code)
	b = appendString(b, e.Message)
	b = appendString(b, e.Name)
	return append(b, e.Body...)
}

// appendCancel appends a whole frame.
func appendCancel(b []byte, call uint32, code uint16, message string) []byte {
	message = shorten(message)
	b = header{2 + 2 + len(message), kindCancel, 0, call}.append(b)
	b = binary.BigEndian.AppendUint16(b, code)
	return appendString(b, message)
}

func parseCancel(b []byte) (*CallError, error) {
	if len(b) < 2 {
		return nil, broken("CANCEL ends early")
	}
	message, _, err := cutString(b[2:])
	if err != nil {
		return nil, broken("CANCEL %w", err)
	}
	return &CallError{Code: binary.BigEndian.Uint16(b), Message: message}, nil
}

// appendGoAway appends a whole frame.
func appendGoAway(b []byte, last uint32, reason string) []byte {
	reason = shorten(reason)
	b = header{4 + 2 + len(reason), kindGoAway, 0, 0}.append(b)
	b = binary.BigEndian.AppendUint32(b, last)
	return appendString(b, reason)
}

func parseGoAway(b []byte) (last uint32, reason string, err error) {
	if len(b) < 4 {
		return 0, "", broken("GOAWAY ends early")
	}
	reason, _, err = cutString(b[4:])
	if err != nil {
		return 0, "", broken("GOAWAY %w", err)
	}
	return binary.BigEndian.Uint32(b), reason, nil
}

// appendCredit appends a whole frame.
func appendCredit(b []byte, call uint32, n uint32) []byte {
	return binary.BigEndian.AppendUint32(header{4, kindCredit, 0, call}.append(b), n)
}

// shorten cuts text to maxReason bytes, between characters.
func shorten(text string) string {
	if len(text) <= maxReason {
		return text
	}
	end := maxReason
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
