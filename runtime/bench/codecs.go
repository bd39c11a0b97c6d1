package main

import (
	"encoding"

	"github.com/parley-rpc/parley/runtime/bench/sample"
	"github.com/parley-rpc/parley/runtime/bench/samplemsgp"
	"github.com/tinylib/msgp/msgp"
	"google.golang.org/protobuf/proto"
)

// A codecEntry encodes and decodes the samples, in one way.
type codecEntry struct {
	entrant
	chat, lines, mixed codecCase
}

func (c codecEntry) title() string { return c.entrant.name }

// A codecCase is one sample in one encoding. encode appends it to buf; decode makes a
// value of its bytes, on the heap and new each time, as a stub would.
type codecCase struct {
	encode func(buf []byte) ([]byte, error)
	decode func(data []byte) error
}

// Where the decoded values go, so that the compiler cannot leave the work away.
var (
	chatSink  *sample.Chat
	linesSink *sample.Lines
	mixedSink *sample.Mixed

	protoSink     proto.Message
	chatMsgpSink  *samplemsgp.Chat
	linesMsgpSink *samplemsgp.Lines
	mixedMsgpSink *samplemsgp.Mixed
)

var codecs = []codecEntry{
	{
		entrant: entrant{name: "by hand", role: floor},
		chat:    byHand(chat, &chatSink, floorWriteChat, floorReadChat),
		lines:   byHand(lines, &linesSink, floorWriteLines, floorReadLines),
		mixed:   byHand(mixed, &mixedSink, floorWriteMixed, floorReadMixed),
	},
	{
		entrant: entrant{name: "parley", role: ours},
		chat:    parley(chat, &chatSink),
		lines:   parley(lines, &linesSink),
		mixed:   parley(mixed, &mixedSink),
	},
	{
		entrant: entrant{name: "protobuf", role: other},
		chat:    protobuf(chatPB),
		lines:   protobuf(linesPB),
		mixed:   protobuf(mixedPB),
	},
	{
		entrant: entrant{name: "vtprotobuf", role: other},
		chat:    vtprotobuf(chatPB),
		lines:   vtprotobuf(linesPB),
		mixed:   vtprotobuf(mixedPB),
	},
	{
		entrant: entrant{name: "msgp", role: other},
		chat:    messagePack(&chatMsgp, &chatMsgpSink),
		lines:   messagePack(&linesMsgp, &linesMsgpSink),
		mixed:   messagePack(&mixedMsgp, &mixedMsgpSink),
	},
}

func byHand[T any](v T, sink **T, write func([]byte, T) []byte, read func([]byte) (T, error)) codecCase {
	return codecCase{
		encode: func(buf []byte) ([]byte, error) { return write(buf, v), nil },
		decode: func(data []byte) (err error) {
			fresh := new(T)
			*fresh, err = read(data)
			*sink = fresh
			return err
		},
	}
}

// parley uses the methods that the generator gives each struct.
func parley[T encoding.BinaryAppender, P interface {
	*T
	encoding.BinaryUnmarshaler
}](v T, sink **T) codecCase {
	return codecCase{
		encode: v.AppendBinary,
		decode: func(data []byte) error {
			fresh := new(T)
			err := P(fresh).UnmarshalBinary(data)
			*sink = fresh
			return err
		},
	}
}

func protobuf[T any, P interface {
	*T
	proto.Message
}](v P) codecCase {
	return codecCase{
		encode: func(buf []byte) ([]byte, error) { return proto.MarshalOptions{}.MarshalAppend(buf, v) },
		decode: func(data []byte) error {
			fresh := P(new(T))
			protoSink = fresh
			return proto.Unmarshal(data, fresh)
		},
	}
}

// A vtMessage has the methods of vtprotobuf.
type vtMessage[T any] interface {
	*T
	proto.Message
	SizeVT() int
	MarshalToSizedBufferVT([]byte) (int, error)
	UnmarshalVT([]byte) error
}

func vtprotobuf[T any, P vtMessage[T]](v P) codecCase {
	return codecCase{
		encode: func(buf []byte) ([]byte, error) {
			size := v.SizeVT()
			if cap(buf) < size {
				buf = make([]byte, size)
			}
			_, err := v.MarshalToSizedBufferVT(buf[:size])
			return buf[:size], err
		},
		decode: func(data []byte) error {
			fresh := P(new(T))
			protoSink = fresh
			return fresh.UnmarshalVT(data)
		},
	}
}

func messagePack[T any, P interface {
	*T
	msgp.Marshaler
	msgp.Unmarshaler
}](v P, sink **T) codecCase {
	return codecCase{
		encode: v.MarshalMsg,
		decode: func(data []byte) error {
			fresh := new(T)
			_, err := P(fresh).UnmarshalMsg(data)
			*sink = fresh
			return err
		},
	}
}
