package codec_test

import (
	"time"

	"github.com/parley-rpc/parley/runtime/codec"
)

// The types of this file are written as the generator writes them, for tests that read
// and write whole values.

type note struct {
	Text  string `json:"text"`
	Level uint8  `json:"level"`
}

func writeNote(buf []byte, v note) []byte {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteString(buf, v.Text)
	buf = codec.WriteUint8(buf, v.Level)
	return codec.EndLength(buf, start)
}

func readNote(d *codec.Decoder, field string) (v note) {
	body := d.Begin(field)
	v.Text = d.String("text")
	v.Level = d.Uint8("level")
	d.End(body, field)
	return v
}

// kind is an enum.
type kind uint16

func writeKind(buf []byte, v kind) []byte { return codec.WriteUint16(buf, uint16(v)) }

func readKind(d *codec.Decoder, field string) kind { return kind(d.Uint16(field)) }

// mixed has one field of each sort that a message usually has.
type mixed struct {
	ID     uint64            `json:"id"`
	Kind   kind              `json:"kind"`
	Delta  int32             `json:"delta"`
	Ratio  float64           `json:"ratio"`
	Live   bool              `json:"live"`
	Name   string            `json:"name"`
	Data   []byte            `json:"data"`
	Origin note              `json:"origin"`
	Notes  []note            `json:"notes"`
	Scores map[string]uint32 `json:"scores"`
	Reply  *string           `json:"reply"`
	At     time.Time         `json:"at"`
	Took   time.Duration     `json:"took"`
}

func writeMixed(buf []byte, v mixed) []byte {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteUint64(buf, v.ID)
	buf = writeKind(buf, v.Kind)
	buf = codec.WriteInt32(buf, v.Delta)
	buf = codec.WriteFloat64(buf, v.Ratio)
	buf = codec.WriteBool(buf, v.Live)
	buf = codec.WriteString(buf, v.Name)
	buf = codec.WriteBytes(buf, v.Data)
	buf = writeNote(buf, v.Origin)
	buf = codec.WriteSlice(buf, v.Notes, writeNote)
	buf = codec.WriteMap(buf, v.Scores, codec.WriteString, codec.WriteUint32)
	buf = codec.WriteOptional(buf, v.Reply, codec.WriteString)
	buf = codec.WriteTime(buf, v.At)
	buf = codec.WriteDuration(buf, v.Took)
	return codec.EndLength(buf, start)
}

func readMixed(d *codec.Decoder, field string) (v mixed) {
	body := d.Begin(field)
	v.ID = d.Uint64("id")
	v.Kind = readKind(d, "kind")
	v.Delta = d.Int32("delta")
	v.Ratio = d.Float64("ratio")
	v.Live = d.Bool("live")
	v.Name = d.String("name")
	v.Data = d.Bytes("data")
	v.Origin = readNote(d, "origin")
	v.Notes = codec.ReadSlice(d, "notes", 2, readNote)
	v.Scores = codec.ReadMap(d, "scores", 6, (*codec.Decoder).String, (*codec.Decoder).Uint32)
	v.Reply = codec.ReadOptional(d, "reply", (*codec.Decoder).String)
	v.At = d.Time("at")
	v.Took = d.Duration("took")
	d.End(body, field)
	return v
}

// tree contains itself in every way that a type may.
type tree struct {
	Label  string          `json:"label"`
	Kids   []tree          `json:"kids"`
	Next   *tree           `json:"next"`
	Named  map[string]tree `json:"named"`
	Pick   pick            `json:"-"`
	Flags  map[bool][]kind `json:"flags"`
	Maybe  []byte          `json:"maybe"`
	Tags   []string        `json:"tags"`
	Ranks  map[uint16]bool `json:"ranks"`
	Choice pick            `json:"-"`
	Empty  []empty         `json:"empty"`
}

type empty struct{}

func writeEmpty(buf []byte, _ empty) []byte {
	buf, start := codec.BeginLength(buf)
	return codec.EndLength(buf, start)
}

func readEmpty(d *codec.Decoder, field string) (v empty) {
	body := d.Begin(field)
	d.End(body, field)
	return v
}

func writeTree(buf []byte, v tree) []byte {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteString(buf, v.Label)
	buf = codec.WriteSlice(buf, v.Kids, writeTree)
	buf = codec.WriteOptional(buf, v.Next, writeTree)
	buf = codec.WriteMap(buf, v.Named, codec.WriteString, writeTree)
	buf = writePick(buf, v.Pick)
	buf = codec.WritePresence(buf, v.Flags != nil)
	if v.Flags != nil {
		buf = codec.WriteBoolMap(buf, v.Flags, func(buf []byte, v []kind) []byte {
			return codec.WriteSlice(buf, v, writeKind)
		})
	}
	buf = codec.WritePresence(buf, v.Maybe != nil)
	if v.Maybe != nil {
		buf = codec.WriteBytes(buf, v.Maybe)
	}
	buf = codec.WritePresence(buf, v.Tags != nil)
	if v.Tags != nil {
		buf = codec.WriteStringSlice(buf, v.Tags)
	}
	buf = codec.WritePresence(buf, v.Ranks != nil)
	if v.Ranks != nil {
		buf = codec.WriteMap(buf, v.Ranks, codec.WriteUint16, codec.WriteBool)
	}
	buf = codec.WritePresence(buf, v.Choice != nil)
	if v.Choice != nil {
		buf = writePick(buf, v.Choice)
	}
	buf = codec.WriteSlice(buf, v.Empty, writeEmpty)
	return codec.EndLength(buf, start)
}

func readTree(d *codec.Decoder, field string) (v tree) {
	body := d.Begin(field)
	v.Label = d.String("label")
	v.Kids = codec.ReadSlice(d, "kids", 2, readTree)
	v.Next = codec.ReadOptional(d, "next", readTree)
	v.Named = codec.ReadMap(d, "named", 4, (*codec.Decoder).String, readTree)
	v.Pick = readPick(d, "pick")
	v.Flags = codec.ReadOptionalBoolMap(d, "flags", 3, func(d *codec.Decoder, field string) []kind {
		return codec.ReadSlice(d, field, 2, readKind)
	})
	v.Maybe = codec.ReadOptionalBytes(d, "maybe")
	v.Tags = codec.ReadOptionalSlice(d, "tags", 2, (*codec.Decoder).String)
	v.Ranks = codec.ReadOptionalMap(d, "ranks", 3, (*codec.Decoder).Uint16, (*codec.Decoder).Bool)
	v.Choice = codec.ReadOptionalUnion(d, "choice", readPick)
	v.Empty = codec.ReadSlice(d, "empty", 2, readEmpty)
	d.End(body, field)
	return v
}

// pick is a union.
type pick interface{ isPick() }

type pickNote struct{ Value note }

type pickPair struct{ Value pair }

type pickTree struct{ Value tree }

type pickUnknown struct {
	Tag  uint16
	Body []byte
}

func (pickNote) isPick()    {}
func (pickPair) isPick()    {}
func (pickTree) isPick()    {}
func (pickUnknown) isPick() {}

func writePick(buf []byte, v pick) []byte {
	switch v := v.(type) {
	case pickNote:
		buf, start := codec.BeginCase(buf, 1)
		return codec.EndLength(writeNote(buf, v.Value), start)
	case pickPair:
		buf, start := codec.BeginCase(buf, 2)
		return codec.EndLength(writePair(buf, v.Value), start)
	case pickTree:
		buf, start := codec.BeginCase(buf, 3)
		return codec.EndLength(writeTree(buf, v.Value), start)
	case pickUnknown:
		return codec.WriteCase(buf, v.Tag, v.Body)
	}
	return codec.WriteNoCase(buf)
}

func readPick(d *codec.Decoder, field string) (v pick) {
	tag, body := d.BeginCase(field)
	switch tag {
	case 0:
	case 1:
		v = pickNote{codec.ReadCase(d, "note", readNote)}
	case 2:
		v = pickPair{codec.ReadCase(d, "pair", readPair)}
	case 3:
		v = pickTree{codec.ReadCase(d, "tree", readTree)}
	default:
		v = pickUnknown{tag, d.Rest()}
	}
	d.End(body, field)
	return v
}

// chat is the message {user, target, message}.
type chat struct{ User, Target, Message string }

func writeChat(buf []byte, v chat) []byte {
	buf = codec.WriteString(buf, v.User)
	buf = codec.WriteString(buf, v.Target)
	return codec.WriteString(buf, v.Message)
}

func readChat(d *codec.Decoder, _ string) (v chat) {
	v.User = d.String("user")
	v.Target = d.String("target")
	v.Message = d.String("message")
	return v
}

func (v *chat) UnmarshalBinary(data []byte) error {
	var d codec.Decoder
	d.Reset(data, true)
	value := readChat(&d, "chat")
	if err := d.Err(); err != nil {
		return err
	}
	*v = value
	return nil
}
