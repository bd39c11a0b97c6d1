package frame

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

// A CallPayload is the payload of a CALL, in parts of the same storage.
type CallPayload struct {
	Method   uint16
	Timeout  time.Duration // that is left; 0: no deadline
	Metadata []byte
	Params   []byte
}

// ParseCall parses the payload of a CALL with the given flags.
func ParseCall(flags uint8, b []byte) (p CallPayload, err error) {
	if len(b) < 2 {
		return p, Broken("CALL ends early")
	}
	p.Method, b = binary.BigEndian.Uint16(b), b[2:]
	if flags&FlagDeadline != 0 {
		if len(b) < 4 {
			return p, Broken("CALL ends early")
		}
		// 0 ms left is over already, and not the lack of a deadline.
		p.Timeout = max(time.Duration(binary.BigEndian.Uint32(b))*time.Millisecond, 1)
		b = b[4:]
	}
	if flags&FlagMetadata != 0 {
		if p.Metadata, b, err = cutMetadata(b); err != nil {
			return p, Broken("CALL %w", err)
		}
	}
	p.Params = b
	return p, nil
}

// milliseconds returns what is left as a CALL says it: rounded up, and at most what fits.
func milliseconds(left time.Duration) uint32 {
	ms := (left + time.Millisecond - 1) / time.Millisecond
	return uint32(min(max(ms, 0), math.MaxUint32))
}

// A ReplyPayload is the payload of a REPLY, in parts of the same storage.
type ReplyPayload struct {
	Metadata []byte
	Results  []byte
	Err      *CallError // if set, there are no results
}

// ParseReply parses the payload of a REPLY with the given flags.
func ParseReply(flags uint8, b []byte) (p ReplyPayload, err error) {
	if flags&FlagMetadata != 0 {
		if p.Metadata, b, err = cutMetadata(b); err != nil {
			return p, Broken("REPLY %w", err)
		}
	}
	if flags&FlagError == 0 {
		p.Results = b
		return p, nil
	}
	if p.Err, err = parseError(b); err != nil {
		return p, Broken("REPLY %w", err)
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

// Append appends what a REPLY with an error carries after its metadata.
func (e *CallError) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, e.Code)
	b = appendString(b, e.Message)
	b = appendString(b, e.Name)
	return append(b, e.Body...)
}

// AppendCancel appends the whole frame CANCEL.
func AppendCancel(b []byte, call uint32, code uint16, message string) []byte {
	message = Shorten(message)
	b = Header{2 + 2 + len(message), Cancel, 0, call}.Append(b)
	b = binary.BigEndian.AppendUint16(b, code)
	return appendString(b, message)
}

// ParseCancel parses the payload of a CANCEL.
func ParseCancel(b []byte) (*CallError, error) {
	if len(b) < 2 {
		return nil, Broken("CANCEL ends early")
	}
	message, _, err := cutString(b[2:])
	if err != nil {
		return nil, Broken("CANCEL %w", err)
	}
	return &CallError{Code: binary.BigEndian.Uint16(b), Message: message}, nil
}

// AppendGoAway appends the whole frame GOAWAY.
func AppendGoAway(b []byte, last uint32, reason string) []byte {
	reason = Shorten(reason)
	b = Header{4 + 2 + len(reason), GoAway, 0, 0}.Append(b)
	b = binary.BigEndian.AppendUint32(b, last)
	return appendString(b, reason)
}

// ParseGoAway parses the payload of a GOAWAY.
func ParseGoAway(b []byte) (last uint32, reason string, err error) {
	if len(b) < 4 {
		return 0, "", Broken("GOAWAY ends early")
	}
	reason, _, err = cutString(b[4:])
	if err != nil {
		return 0, "", Broken("GOAWAY %w", err)
	}
	return binary.BigEndian.Uint32(b), reason, nil
}

// AppendCredit appends the whole frame CREDIT.
func AppendCredit(b []byte, call uint32, n uint32) []byte {
	return binary.BigEndian.AppendUint32(Header{4, Credit, 0, call}.Append(b), n)
}

// Shorten cuts text, between characters, to what AppendCancel and AppendGoAway carry.
func Shorten(text string) string {
	if len(text) <= maxReason {
		return text
	}
	end := maxReason
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
