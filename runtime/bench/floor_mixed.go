package main

import (
	"math"
	"slices"
	"time"

	"github.com/parley-rpc/parley/runtime/bench/sample"
)

func floorFloat64(v float64) uint64 {
	if v != v {
		return 0x7FF8000000000000
	}
	return math.Float64bits(v)
}

func floorWriteNote(buf []byte, v sample.Note) []byte {
	start := len(buf) + 2
	buf = floorWriteString(append(buf, 0, 0), v.Text)
	return floorEnd(be.AppendUint32(buf, v.Weight), start)
}

func floorReadNote(data []byte, shared string, at int) (v sample.Note, next int) {
	start, next := floorString(data, at)
	if next < 0 {
		return v, -1
	}
	body := data[:next]
	start, at = floorString(body, start)
	if at < 0 {
		return v, -1
	}
	v.Text = shared[start:at]
	if v.Weight, at = floorUint32(body, at); at < 0 {
		return v, -1
	}
	return v, next
}

func floorWriteMixed(buf []byte, v sample.Mixed) []byte {
	start := len(buf) + 2
	buf = append(buf, 0, 0)
	buf = be.AppendUint64(buf, v.ID)
	buf = be.AppendUint16(buf, uint16(v.Kind))
	buf = be.AppendUint32(buf, uint32(v.Delta))
	buf = be.AppendUint64(buf, floorFloat64(v.Ratio))
	if v.Live {
		buf = append(buf, 1)
	} else {
		buf = append(buf, 0)
	}
	buf = floorWriteString(buf, v.Name)
	buf = append(floorWriteCount(buf, len(v.Data)), v.Data...)
	buf = floorWriteNote(buf, v.Origin)
	buf = floorWriteCount(buf, len(v.Notes))
	for _, n := range v.Notes {
		buf = floorWriteNote(buf, n)
	}
	buf = floorWriteCount(buf, len(v.Scores))
	var few [32]string
	keys := few[:0]
	for k := range v.Scores {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		buf = floorWriteString(buf, k)
		buf = be.AppendUint32(buf, v.Scores[k])
	}
	if v.Reply == nil {
		buf = append(buf, 0)
	} else {
		buf = floorWriteString(append(buf, 1), *v.Reply)
	}
	buf = be.AppendUint64(buf, uint64(v.At.Unix()))
	buf = be.AppendUint32(buf, uint32(v.At.Nanosecond()))
	buf = be.AppendUint64(buf, uint64(v.Took))
	return floorEnd(buf, start)
}

func floorReadMixed(message []byte) (v sample.Mixed, err error) {
	start, end := floorString(message, 0)
	if end < 2 {
		return v, errFloor
	}
	shared := string(message)
	budget := 15*len(message) + 64<<10
	data := message[:end]
	id, at := floorUint64(data, start)
	if at < 0 {
		return v, errFloor
	}
	k, at := floorUint16(data, at)
	if at < 0 {
		return v, errFloor
	}
	delta, at := floorUint32(data, at)
	if at < 0 {
		return v, errFloor
	}
	ratio, at := floorUint64(data, at)
	if at < 0 {
		return v, errFloor
	}
	live, at := floorUint8(data, at)
	if at < 0 || live > 1 {
		return v, errFloor
	}
	v.ID, v.Kind, v.Delta, v.Ratio, v.Live = id, sample.Kind(k), int32(delta), math.Float64frombits(ratio), live == 1
	s, at := floorString(data, at)
	if at < 0 {
		return v, errFloor
	}
	v.Name = shared[s:at]
	s, at = floorString(data, at)
	if at < 0 || at-s > budget {
		return v, errFloor
	}
	if n := at - s; n > 0 {
		budget -= n
		v.Data = make([]byte, n)
		copy(v.Data, data[s:at])
	}
	if v.Origin, at = floorReadNote(data, shared, at); at < 0 {
		return v, errFloor
	}
	if at = floorReadNotes(&v, data, shared, at, &budget); at < 0 {
		return v, errFloor
	}
	if at = floorReadScores(&v, data, shared, at, &budget); at < 0 {
		return v, errFloor
	}
	if at = floorReadReply(&v, data, shared, at, &budget); at < 0 {
		return v, errFloor
	}
	if left := len(data) - at; left >= 12 {
		seconds, nanoseconds := int64(be.Uint64(data[at:])), be.Uint32(data[at+8:])
		if nanoseconds >= 1e9 {
			return v, errFloor
		}
		v.At = time.Unix(seconds, int64(nanoseconds)).UTC()
		at += 12
	} else if left > 0 {
		return v, errFloor
	}
	took, at := floorUint64(data, at)
	if at < 0 {
		return v, errFloor
	}
	v.Took = time.Duration(took)
	return v, nil
}

func floorReadNotes(v *sample.Mixed, data []byte, shared string, at int, budget *int) (next int) {
	n, at := floorCount(data, at, 2, 24, budget)
	if n == 0 || at < 0 {
		return at
	}
	v.Notes = make([]sample.Note, n)
	for i := range v.Notes {
		if len(data)-at < 2 {
			return -1
		}
		if v.Notes[i], at = floorReadNote(data, shared, at); at < 0 {
			return -1
		}
	}
	return at
}

func floorReadScores(v *sample.Mixed, data []byte, shared string, at int, budget *int) (next int) {
	n, at := floorCount(data, at, 6, 63, budget)
	if n == 0 || at < 0 {
		return at
	}
	v.Scores = make(map[string]uint32, n)
	last := ""
	for i := range n {
		s, end := floorString(data, at)
		if end < at+2 {
			return -1
		}
		key := shared[s:end]
		if i > 0 && key <= last || len(data)-end < 4 {
			return -1
		}
		v.Scores[key] = be.Uint32(data[end:])
		last, at = key, end+4
	}
	return at
}

func floorReadReply(v *sample.Mixed, data []byte, shared string, at int, budget *int) (next int) {
	present, at := floorUint8(data, at)
	if at < 0 || present == 0 {
		return at
	}
	s, end := floorString(data, at)
	if present > 1 || end < at+2 || *budget < 16 {
		return -1
	}
	*budget -= 16
	reply := shared[s:end]
	v.Reply = &reply
	return end
}
