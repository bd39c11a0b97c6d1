package runtimetest

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// A Union says what the values of a union can be. [Cases] makes one.
type Union struct {
	of    reflect.Type // the interface
	cases []reflect.Value
}

// Cases returns the union T, which is an interface, with a value of each type that it can hold. What is not
// zero in them stays as it is in random values: the tag of an unknown case.
func Cases[T any](cases ...T) Union {
	u := Union{of: reflect.TypeFor[T]()}
	for _, c := range cases {
		u.cases = append(u.cases, reflect.ValueOf(c))
	}
	return u
}

// What keeps a random value small.
const (
	maxParts = 300 // how many values in values it has, about
	maxLevel = 6   // how deep they lie in each other
	maxItems = 3   // how many a list has, or a map
)

// A maker makes one random value of a generated type. What can be told apart in Go alone, as a
// NaN from another or an empty list from none, is not among what it makes.
type maker struct {
	rand   *rand.Rand
	unions []Union
	left   int // how many more values there may be in it
	level  int // how deep it is now
}

// fill makes v, which is zero, random. empty says that an empty list or map differs from none.
func (m *maker) fill(v reflect.Value, empty bool) {
	m.left--
	m.level++
	defer func() { m.level-- }()
	if m.left < 0 || m.level > maxLevel {
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(m.number()>>20, m.rand.Int64N(1e9)).UTC()))
	case v.CanInt():
		v.SetInt(truncated(m.number(), v.Type()))
	case v.CanUint():
		v.SetUint(uint64(m.number()) & (math.MaxUint64 >> (64 - v.Type().Bits())))
	case v.CanFloat():
		v.SetFloat(float64(float32(m.rand.NormFloat64()))) // float32 has it too
	default:
		m.fillMore(v, empty)
	}
}

// fillMore is fill for what is no number.
func (m *maker) fillMore(v reflect.Value, empty bool) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(m.rand.IntN(2) == 0)
	case reflect.String:
		v.SetString(m.text())
	case reflect.Struct:
		m.fillFields(v)
	case reflect.Pointer:
		if m.rand.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			m.fill(v.Elem(), false)
		}
	case reflect.Slice:
		if n := m.items(); n > 0 || empty && m.rand.IntN(2) == 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				m.fill(v.Index(i), false)
			}
		}
	case reflect.Map:
		if n := m.items(); n > 0 || empty && m.rand.IntN(2) == 0 {
			m.fillMap(v, n)
		}
	case reflect.Interface:
		m.fillUnion(v)
	}
}

// fillFields makes the zero fields of a struct random. The tag of one that may be absent says so.
func (m *maker) fillFields(v reflect.Value) {
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			optional := strings.HasSuffix(v.Type().Field(i).Tag.Get("json"), ",omitempty")
			m.fill(v.Field(i), optional)
		}
	}
}

func (m *maker) fillMap(v reflect.Value, n int) {
	v.Set(reflect.MakeMapWithSize(v.Type(), n))
	for range n {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		m.fill(key, false)
		m.fill(value, false)
		v.SetMapIndex(key, value)
	}
}

// fillUnion gives v a random case, or leaves it without one, as it does when it does not know its cases.
func (m *maker) fillUnion(v reflect.Value) {
	for _, u := range m.unions {
		if u.of != v.Type() {
			continue
		}
		if i := m.rand.IntN(len(u.cases) + 1); i < len(u.cases) {
			value := reflect.New(u.cases[i].Type()).Elem()
			value.Set(u.cases[i])
			m.fillFields(value)
			v.Set(value)
		}
		return
	}
}

// items returns how many a list has.
func (m *maker) items() int { return m.rand.IntN(maxItems + 1) }

// number returns small numbers as often as large ones.
func (m *maker) number() int64 { return int64(m.rand.Uint64()) >> m.rand.IntN(64) }

func truncated(n int64, t reflect.Type) int64 { return n << (64 - t.Bits()) >> (64 - t.Bits()) }

// text returns letters of one to four bytes, a few or more than a short length counts in one byte.
func (m *maker) text() string {
	letters := []rune("ab z\x00\n\"äß→語🙂")
	n := m.rand.IntN(8)
	if m.rand.IntN(20) == 0 {
		n += 200
	}
	var s strings.Builder
	for range n {
		s.WriteRune(letters[m.rand.IntN(len(letters))])
	}
	return s.String()
}
