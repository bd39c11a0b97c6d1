package registry

import (
	"bytes"
	"encoding"
	"fmt"
	"slices"
	"strings"
)

// A table is what a Directory has in its cache of the keys that begin with one
// prefix. The Directory's mutex guards it.
//
// News of an entry come in two ways, which may overtake each other: from the
// watch, in order, and from whoever has written it here. Revisions tell which is newer. What was
// removed here leaves a row that is gone, until the watch is past it.
type table[V any] struct {
	prefix  string
	read    func([]byte) (V, error)
	changed func(key string, value V, removed bool) // is called after each change
	rows    map[string]row[V]
}

type row[V any] struct {
	value    V
	encoded  []byte
	revision int64 // 0 is hearsay, from another load balancer
	gone     bool
}

func newTable[V any](prefix string, read func([]byte) (V, error), changed func(string, V, bool)) *table[V] {
	return &table[V]{prefix, read, changed, make(map[string]row[V])}
}

// reader returns a table's read for values that generated code reads.
func reader[V any, P interface {
	*V
	encoding.BinaryUnmarshaler
}]() func([]byte) (V, error) {
	return func(encoded []byte) (value V, err error) {
		err = P(&value).UnmarshalBinary(encoded)
		return value, err
	}
}

// get returns the value for a key.
func (t *table[V]) get(key string) (V, bool) {
	r, known := t.rows[key]
	return r.value, known && !r.gone
}

// all returns the values, by key.
func (t *table[V]) all() []V {
	keys := make([]string, 0, len(t.rows))
	for key, r := range t.rows {
		if !r.gone {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	values := make([]V, len(keys))
	for i, key := range keys {
		values[i] = t.rows[key].value
	}
	return values
}

// apply takes a change, unless the table has a newer one: followed is one of the
// watch or a list, and not of who wrote it here.
func (t *table[V]) apply(c Change, followed bool) error {
	old, known := t.rows[c.Key]
	switch {
	case !strings.HasPrefix(c.Key, t.prefix) || known && c.Revision < old.revision:
		return nil
	case c.Deleted:
		if delete(t.rows, c.Key); !followed {
			t.rows[c.Key] = row[V]{revision: c.Revision, gone: true}
		}
		if known && !old.gone {
			t.changed(c.Key, old.value, true)
		}
		return nil
	case known && c.Revision == old.revision:
		return nil
	}
	value, err := t.read(c.Value)
	if err != nil {
		return fmt.Errorf("the registry's entry %q cannot be read, and is passed over: %w", c.Key, err)
	}
	t.rows[c.Key] = row[V]{value, c.Value, c.Revision, false}
	if !known || old.gone || !bytes.Equal(old.encoded, c.Value) {
		t.changed(c.Key, value, false)
	}
	return nil
}

// keep removes what was not listed, as of that revision. What is newer stays.
func (t *table[V]) keep(listed map[string]struct{}, revision int64) {
	for key, r := range t.rows {
		if _, found := listed[key]; found || r.revision > revision {
			continue
		}
		delete(t.rows, key)
		if !r.gone {
			t.changed(key, r.value, true)
		}
	}
}

// doubt makes hearsay of everything, so that whatever the registry says replaces it.
func (t *table[V]) doubt() {
	for key, r := range t.rows {
		r.revision = 0
		t.rows[key] = r
	}
}
