package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// What the stubs of a method with streams call the function for an item, where it has no name of its own.
const (
	writeItem = "write"
	readItem  = "read"
)

// itemWriter returns the function that writes the items of a stream, and what has to stand before its use.
func (g *generator) itemWriter(stream *idl.Field) (f jen.Code, before []jen.Code) {
	if g.writerName(stream.Type) != nil {
		return g.writer(stream.Type), nil
	}
	return jen.Id(writeItem), []jen.Code{jen.Id(writeItem).Op(":=").Add(g.writer(stream.Type))}
}

// itemReader returns the function that reads the items of a stream, and what has to stand before its use.
func (g *generator) itemReader(stream *idl.Field) (f jen.Code, before []jen.Code) {
	if g.readerName(stream.Type) != nil {
		return g.reader(stream.Type), nil
	}
	return jen.Id(readItem), []jen.Code{jen.Id(readItem).Op(":=").Add(g.reader(stream.Type))}
}

// streamingStub returns the body of a client's method that returns a stream: each range over it makes a call.
func (g *generator) streamingStub(m *idl.Method) []jen.Code {
	body := g.newCall(m)
	args := []jen.Code{jen.Id("ctx"), jen.Id("c").Dot("caller"), jen.Id("call")}
	carry := "ReceiveStream"
	if m.ParamStream != nil {
		carry = "ExchangeStreams"
		write, before := g.itemWriter(m.ParamStream)
		body = append(body, before...)
		args = append(args, write, g.streamParam(m))
	}
	read, before := g.itemReader(m.ResultStream)
	body = append(body, before...)
	body = append(body, runtimeName(carry).Call(append(args, read, jen.Id("yield"))...))
	yield := jen.Id("yield").Func().Params(g.goType(m.ResultStream.Type), jen.Error()).Bool()
	return []jen.Code{jen.Return(jen.Func().Params(yield).Block(body...))}
}

// sendStream returns the call that sends the stream parameter of a method with plain results, and what has to stand
// before it.
func (g *generator) sendStream(m *idl.Method) (send jen.Code, before []jen.Code) {
	write, before := g.itemWriter(m.ParamStream)
	return runtimeName("SendStream").Call(
		jen.Id("ctx"), jen.Id("c").Dot("caller"), jen.Id("call"), write, g.streamParam(m)), before
}

// streamParam returns the variable of the stream parameter.
func (g *generator) streamParam(m *idl.Method) jen.Code { return jen.Id(g.localName(m.ParamStream, m)) }

// paramStream returns, in a server stub, the stream that the caller sends, and what has to stand before it.
func (g *generator) paramStream(m *idl.Method) (stream jen.Code, before []jen.Code) {
	read, before := g.itemReader(m.ParamStream)
	return runtimeName("ParamStream").Call(jen.Id("call"), read), before
}

// replyStream returns, in a server stub, the statements that send what the service yields.
func (g *generator) replyStream(m *idl.Method, service jen.Code) []jen.Code {
	write, before := g.itemWriter(m.ResultStream)
	return append(before, jen.Return(runtimeName("ReplyStream").Call(jen.Id("call"), write, service)))
}
