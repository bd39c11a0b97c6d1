package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// structure returns a struct's type, methods and codec.
func (g *generator) structure(s *idl.Struct) []jen.Code {
	name := goName(s)
	code := []jen.Code{
		documented(docOf(s, declaredIn(s, "a struct")), g.structType(name, s.Fields, valueMethods)),
	}
	code = append(code, binaryMethods(name, jen.Id("v").Id(name), jen.Id("v"))...)
	code = append(code, unmarshalMethod(name, s.Name, s.Fields))
	return append(code, g.structCodec(name, s.Fields, valueMethods)...)
}

// structType returns the type with its fields. A removed one is not among them.
func (g *generator) structType(name string, fields []*idl.Field, methods map[string]bool) jen.Code {
	var members []jen.Code
	for _, f := range fields {
		if f.Removed() {
			continue
		}
		tag := f.Name
		if f.Type.Kind == idl.Optional {
			tag += ",omitempty"
		}
		member := jen.Id(fieldName(f, methods)).Add(g.goType(f.Type)).Tag(map[string]string{"json": tag})
		members = append(members, documented(docOf(f, ""), member))
	}
	return jen.Type().Id(name).Struct(members...)
}

// binaryMethods returns AppendBinary and MarshalBinary. written is what the receiver hands to WriteX.
func binaryMethods(name string, receiver, written jen.Code) []jen.Code {
	results := []jen.Code{jen.Index().Byte(), jen.Error()}
	write := jen.Id("Write" + name)
	return []jen.Code{
		documented("AppendBinary implements encoding.BinaryAppender. Its error is always nil.",
			jen.Func().Params(receiver).Id("AppendBinary").Params(bufParam()).Params(results...).
				Add(inline(jen.Return(write.Clone().Call(jen.Id("buf"), written), jen.Nil())))),
		documented("MarshalBinary implements encoding.BinaryMarshaler. Its error is always nil.",
			jen.Func().Params(receiver).Id("MarshalBinary").Params().Params(results...).
				Add(inline(jen.Return(write.Clone().Call(jen.Nil(), written), jen.Nil())))),
	}
}

// unmarshalMethod returns UnmarshalBinary. idlName begins the path of a value in its errors.
func unmarshalMethod(name, idlName string, fields []*idl.Field) jen.Code {
	data, v, d, value := jen.Id("data"), jen.Id("v"), jen.Id("d"), jen.Id("value")
	read, path := jen.Id("Read"+name), jen.Lit(idlName)
	body := []jen.Code{jen.Return(codecFunc("Unmarshal").Call(data, path, v, read))}
	if isFlat(fields) {
		body = []jen.Code{
			jen.Var().Id("d").Add(codecFunc("Decoder")),
			jen.Id("d").Dot("Reset").Call(data, jen.True()),
			jen.Add(value).Op(":=").Add(read).Call(jen.Op("&").Add(d), path),
			jen.If(jen.Err().Op(":=").Add(d).Dot("Err").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err())),
			jen.Op("*").Add(v).Op("=").Add(value),
			jen.Return(jen.Nil()),
		}
	}
	return documented("UnmarshalBinary implements encoding.BinaryUnmarshaler. After an error v is unchanged.",
		jen.Func().Params(jen.Id("v").Op("*").Id(name)).Id("UnmarshalBinary").Params(jen.Id("data").Index().Byte()).Error().Block(body...))
}

// isFlat reports whether the fields are read without calling any function through a variable. The compiler can then
// follow their Decoder and leave it on the stack: it need not come from the pool of codec.Unmarshal, which takes a
// small message a quarter longer.
func isFlat(fields []*idl.Field) bool {
	for _, f := range fields {
		switch d := f.Type.Decl.(type) {
		case nil:
			if codecType(f.Type) == "" {
				return false
			}
		case *idl.Struct:
			if !isFlat(d.Fields) {
				return false
			}
		case *idl.Union:
			return false
		}
	}
	return true
}

// structCodec returns WriteX and ReadX of a struct or an error.
func (g *generator) structCodec(name string, fields []*idl.Field, methods map[string]bool) []jen.Code {
	buf, start, v := jen.Id("buf"), jen.Id("start"), jen.Id("v")
	d, field, body := jen.Id("d"), jen.Id("field"), jen.Id("body")
	write := []jen.Code{jen.List(buf, start).Op(":=").Add(codecFunc("BeginLength").Call(buf))}
	read := []jen.Code{jen.Add(body).Op(":=").Add(d).Dot("Begin").Call(field)}
	for _, f := range fields {
		value := jen.Id("v").Dot(fieldName(f, methods))
		if f.Removed() {
			write = append(write, jen.Id("buf").Op("=").Add(g.writeZero(f.Type, buf)).Comment("// a removed field"))
			read = append(read, g.read(f.Type, paramDecoder, jen.Lit(f.Name)))
			continue
		}
		write = append(write, g.write(f.Type, buf, value))
		read = append(read, jen.Add(value).Op("=").Add(g.read(f.Type, paramDecoder, jen.Lit(f.Name))))
	}
	write = append(write, jen.Return(codecFunc("EndLength").Call(buf, start)))
	read = append(read, jen.Id("d").Dot("End").Call(body, field), jen.Return(v))
	return []jen.Code{
		documented("Write"+name+" appends v to buf and returns the longer slice.",
			jen.Func().Id("Write"+name).Params(bufParam(), jen.Id("v").Id(name)).Index().Byte().Block(write...)),
		documented("Read"+name+" reads "+withArticle(name)+" from d; field names it in errors.",
			jen.Func().Id("Read"+name).Params(readParams()...).Params(jen.Id("v").Id(name)).Block(read...)),
	}
}
