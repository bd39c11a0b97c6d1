package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/parley-rpc/parley/cmd/parley/capture"
	"github.com/parley-rpc/parley/cmd/parley/dump"
	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
)

// bytesSettings is one run of parley explain -hex or -pcap.
type bytesSettings struct {
	hex, pcap               string // as the flags say them
	typ, method             string
	response, classic, full bool

	source source

	stdin  io.Reader
	stdout io.Writer
}

// flags adds the flags about bytes.
func (s *bytesSettings) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.hex, "hex", "", "show `BYTES`, in hexadecimal, field by field; @FILE holds them, or - for the standard input")
	f.StringVar(&s.pcap, "pcap", "", "show the connections in `FILE`, of captured packets (pcap or pcapng), field by field")
	f.StringVar(&s.typ, "type", "", "the bytes are a value of the type `NAME`, or what the error of that name holds")
	f.StringVar(&s.method, "method", "", "the bytes belong to a call of `SERVICE.METHOD`, where they do not say which")
	f.BoolVar(&s.response, "response", false, "the bytes come from the callee; those of the classic form need -method")
	f.BoolVar(&s.classic, "classic", false, "the bytes are of the classic form, even if they look like frames")
	f.BoolVar(&s.full, "full", false, "show all bytes of long values, not only their beginning")
	s.source.flags(c)
	_ = c.MarkFlagFilename("pcap") // these fail only for a flag that is not there
	_ = c.RegisterFlagCompletionFunc("method", s.source.completeMethods)
	_ = c.RegisterFlagCompletionFunc("type", s.source.completeTypes)
}

// wanted reports whether bytes are to be shown.
func (s *bytesSettings) wanted(c *cobra.Command) bool {
	return c.Flags().Changed("hex") || c.Flags().Changed("pcap")
}

// run shows the bytes; args are packages, and more bytes.
func (s *bytesSettings) run(c *cobra.Command, args []string) error {
	if c.Flags().Changed("hex") && c.Flags().Changed("pcap") {
		return usagef("-hex and -pcap are two: leave out one")
	}
	if c.Flags().Changed("pcap") && s.pcap == "" {
		return usagef("-pcap is to name a file")
	}
	if s.typ != "" && (s.method != "" || s.response || s.classic || s.pcap != "") {
		return usagef("-type is about the bytes of one value: leave out the other flags about them")
	}
	if s.pcap != "" && (s.response || s.classic) {
		return usagef("a capture says who sent what: leave out -response and -classic")
	}
	data, patterns, err := s.input(args)
	if err != nil {
		return err
	}
	description, err := s.source.describe(c.Context(), patterns)
	if err != nil {
		return err
	}
	show, options, err := s.choose(data, description)
	if err != nil {
		return err
	}
	page := dump.New(s.stdout, description.Schema, options)
	show(page)
	mistakes, err := page.Close()
	if err == nil && mistakes > 0 {
		err = errFindings
	}
	return err
}

// hexWord matches what can only be more bytes behind -hex, unless there is a folder of that name.
var hexWord = regexp.MustCompile(`^(0x)?([0-9a-fA-F]{2})+[,:]?$`)

// input returns the bytes, or the captured packets, and splits the packages from args.
func (s *bytesSettings) input(args []string) (data []byte, patterns []string, err error) {
	if s.pcap != "" {
		data, err = os.ReadFile(s.pcap)
		if err != nil {
			err = usagef("-pcap: %w", err)
		}
		return data, args, err
	}
	text, name := s.hex, "-hex"
	switch file, isFile := strings.CutPrefix(s.hex, "@"); {
	case isFile:
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, usagef("-hex: %w", err)
		}
		text, name = string(content), file
	case s.hex == "-":
		content, err := io.ReadAll(s.stdin)
		if err != nil {
			return nil, nil, err
		}
		text, name = string(content), "standard input"
	}
	for _, arg := range args {
		if info, err := os.Stat(arg); hexWord.MatchString(arg) && (err != nil || !info.IsDir()) {
			text += " " + arg
		} else {
			patterns = append(patterns, arg)
		}
	}
	if data, err = dump.ParseHex(text); err != nil {
		return nil, nil, usagef("%s: %w", name, err)
	}
	if len(data) == 0 {
		return nil, nil, usagef("%s: there are no bytes", name)
	}
	return data, patterns, nil
}

// choose returns the function that shows data as what the flags say that it is, or as what it looks like.
func (s *bytesSettings) choose(data []byte, d *remote.Description) (show func(*dump.Page), options dump.Options, err error) {
	options = dump.Options{Full: s.full, FromCallee: s.response}
	if s.method != "" {
		if options.Method, err = d.Method(s.method); err != nil {
			return nil, options, usageError{err}
		}
	}
	switch {
	case s.pcap != "":
		show, err = s.connections(data)
	case s.typ != "":
		var t *idl.Type
		t, err = typeNamed(d.Schema, s.typ)
		show = func(p *dump.Page) { p.Value(data, t.Decl.Base().Name, t) }
	case !s.classic && dump.LooksLikeFrames(data):
		show = func(p *dump.Page) { p.Frames(data) }
	case s.response && options.Method == nil:
		err = usagef("a response of the classic form does not say which method it is of: name it with -method")
	case s.response:
		show = func(p *dump.Page) { p.Response(data, options.Method) }
	default:
		show = func(p *dump.Page) { p.Request(data) }
	}
	return show, options, err
}

// connections returns the function that shows what was captured. Of a file that is cut off it shows what comes before.
func (s *bytesSettings) connections(file []byte) (func(*dump.Page), error) {
	connections, cut := capture.Read(file)
	if len(connections) == 0 && cut != nil {
		return nil, fmt.Errorf("%s: %w", s.pcap, cut)
	}
	if len(connections) == 0 {
		return nil, fmt.Errorf("%s: no TCP connection in it has bytes", s.pcap)
	}
	return func(p *dump.Page) {
		for _, c := range connections {
			p.Connection(c)
		}
		if cut != nil {
			p.Mistake(cut)
		}
	}, nil
}

// typesOf returns what -type may name.
func typesOf(schema *idl.Schema) []idl.Decl {
	var all []idl.Decl
	for _, p := range schema.Packages {
		for decl := range p.Decls() {
			switch d := decl.(type) {
			case *idl.Enum, *idl.Struct, *idl.Union:
				all = append(all, decl)
			case *idl.Error:
				all = append(all, &idl.Struct{Common: d.Common, Fields: d.Fields})
			}
		}
	}
	return all
}

// typeNamed returns the type that is meant by name: "Event", "room.Event", with the path of the package before it. What a
// declared error holds is a struct.
func typeNamed(schema *idl.Schema, name string) (*idl.Type, error) {
	var found []*idl.Type
	var known []string
	for _, decl := range typesOf(schema) {
		known = append(known, decl.Base().Name)
		if standsFor(name, decl.Base().FullName()) {
			found = append(found, &idl.Type{Kind: idl.Named, Decl: decl})
		}
	}
	switch near := syntax.Nearest(name, known); {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, usagef("%q is %s and %s: name its package too", name, found[0].Decl.Base().FullName(), found[1].Decl.Base().FullName())
	case near != "":
		return nil, usagef("there is no type %q, did you mean %s?", name, near)
	}
	return nil, usagef("there is no type %q in these packages", name)
}
