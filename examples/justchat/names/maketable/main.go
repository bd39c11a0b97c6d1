// Command maketable makes the table of package names out of Unicode's confusables.txt, a file of
// UTS #39 that comes with each version of Unicode and with the sources of ICU:
//
//	go run ./examples/justchat/names/maketable confusables.txt examples/justchat/names/skeletons.bin
//
// The data says which characters look alike as they are written; names have to be the same in
// any case too. Both cannot hold for all: capital Ν (Greek) looks like N, small ν like v. So each letter, folded, is given
// the look of the one of its two forms that looks more like ASCII; of equals that of the small form.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/parley-rpc/parley/examples/justchat/names"
)

// looks are of letters whose two forms look like different ASCII. Capitals are the same glyph in
// most fonts, so they win.
var looks = map[rune]string{'ν': "n", 'υ': "y", 'β': "b"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "maketable:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: maketable confusables.txt skeletons.bin")
	}
	file, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := read(file)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	table, err := resolve(choose(data))
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], encode(table), 0o644)
}

// read returns what each character of confusables.txt looks like. A line is "0441 ; 0063 ; MA # comment".
func read(file io.Reader) (map[rune]string, error) {
	data := make(map[rune]string)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		fields := strings.Split(line, ";")
		if len(fields) < 3 {
			continue
		}
		from, err := characters(fields[0])
		if err != nil || len(from) != 1 {
			return nil, fmt.Errorf("not understood: %q", line)
		}
		to, err := characters(fields[1])
		if err != nil {
			return nil, fmt.Errorf("not understood: %q", line)
		}
		data[from[0]] = string(to)
	}
	if len(data) < 6000 {
		return nil, fmt.Errorf("only %d confusables: is it the right file?", len(data))
	}
	return data, lines.Err()
}

func characters(field string) (all []rune, err error) {
	for _, hex := range strings.Fields(field) {
		c, err := strconv.ParseUint(hex, 16, 21)
		if err != nil {
			return nil, err
		}
		all = append(all, rune(c))
	}
	return all, nil
}

// choose returns what each folded character looks like. Where a capital wins, what the small
// form looks like is taken for the same: ᴛ, which т looks like, is t as well, since Т is.
func choose(data map[rune]string) map[rune]string {
	chosen := make(map[rune]string)
	lost := make(map[rune]string)
	for c := rune(' '); c <= unicode.MaxRune; c++ {
		if !unicode.IsGraphic(c) || names.Fold(string(c)) != string(c) {
			continue
		}
		look, small := data[c]
		capital, large := data[unicode.ToUpper(c)]
		switch override, fixed := looks[c]; {
		case fixed:
			look = override
		case large && (!small || foreign(capital) < foreign(look)):
			if loser := []rune(names.Fold(look)); len(loser) == 1 && loser[0] >= 0x80 && lost[loser[0]] == "" {
				lost[loser[0]] = names.Fold(capital)
			}
			look = capital
		case !small: // what is made of others by compatibility, such as a letter in a circle, looks like them
			look = norm.NFKD.String(string(c))
		}
		if look = names.Fold(look); look != string(c) {
			chosen[c] = look
		}
	}
	for c, look := range lost {
		if chosen[c] == "" {
			chosen[c] = look
		}
	}
	return chosen
}

// foreign counts the characters that are not ASCII.
func foreign(s string) (n int) {
	for _, c := range s {
		if c >= 0x80 {
			n++
		}
	}
	return n
}

// resolve has each character stand for what looks like itself alone.
func resolve(chosen map[rune]string) (map[rune]string, error) {
	table := make(map[rune]string)
	for c, look := range chosen {
		for range 10 {
			var b strings.Builder
			for _, part := range look {
				if next, ok := chosen[part]; ok {
					b.WriteString(next)
				} else {
					b.WriteRune(part)
				}
			}
			if norm.NFD.String(b.String()) == look {
				break
			}
			look = norm.NFD.String(b.String())
		}
		for _, part := range look {
			if _, ok := chosen[part]; ok {
				return nil, fmt.Errorf("%q looks like %q, and on in a circle", c, look)
			}
		}
		table[c] = look
	}
	return table, nil
}

// encode lays out the table as names/table.go says.
func encode(table map[rune]string) []byte {
	var keys []rune
	for c := range table {
		keys = append(keys, c)
	}
	slices.Sort(keys)
	var texts []byte
	at := make(map[string]int)
	out := binary.BigEndian.AppendUint16(nil, uint16(len(keys)))
	for _, c := range keys {
		look := table[c]
		if _, ok := at[look]; !ok {
			at[look] = len(texts)
			texts = append(append(texts, byte(len(look))), look...)
		}
		out = append(out, byte(c>>16), byte(c>>8), byte(c))
		out = binary.BigEndian.AppendUint16(out, uint16(at[look]))
	}
	if len(texts) > 1<<16 || len(keys) >= 1<<16 {
		panic("the table needs wider numbers")
	}
	return append(out, texts...)
}
