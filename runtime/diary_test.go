package runtime_test

import (
	"context"
	"iter"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// What follows is shaped as parley generates it from
//
//	@code(not_found)
//	error NoPage "there is no page {page} of {pages}" { page uint16; pages uint16 }
//
//	service Diary = 1 {
//		@idempotent
//		0: Page(page uint16) (text string) throws NoPage
//		1: Write(text string) (page uint16)
//		2: Follow(page uint16) (texts stream string)
//		3: Copy(texts stream string) (pages uint16)
//		4: Talk(lines stream string) (replies stream string)
//	}

// NoPage says that a diary has not that many pages.
type NoPage struct{ Page, Pages uint16 }

func (e *NoPage) Error() string      { return "there is no page " + itoa(e.Page) + " of " + itoa(e.Pages) }
func (e *NoPage) Code() runtime.Code { return runtime.CodeNotFound }
func (e *NoPage) ErrorName() string  { return "example.NoPage" }

func (e *NoPage) AppendBinary(buf []byte) ([]byte, error) {
	buf, start := codec.BeginLength(buf)
	buf = codec.WriteUint16(buf, e.Page)
	buf = codec.WriteUint16(buf, e.Pages)
	return codec.EndLength(buf, start), nil
}

func (e *NoPage) UnmarshalBinary(data []byte) error {
	return codec.Unmarshal(data, "NoPage", e, func(d *codec.Decoder, field string) (e NoPage) {
		body := d.Begin(field)
		e.Page = d.Uint16("page")
		e.Pages = d.Uint16("pages")
		d.End(body, field)
		return e
	})
}

var diaryMethods = struct{ Page, Write, Follow, Copy, Talk runtime.Method }{
	Page: runtime.Method{Service: "example.Diary", Name: "Page", Type: 0x0100, Idempotent: true,
		Throws: []runtime.ErrorType{runtime.Throws[NoPage]()}},
	Write:  runtime.Method{Service: "example.Diary", Name: "Write", Type: 0x0101},
	Follow: runtime.Method{Service: "example.Diary", Name: "Follow", Type: 0x0102},
	Copy:   runtime.Method{Service: "example.Diary", Name: "Copy", Type: 0x0103},
	Talk:   runtime.Method{Service: "example.Diary", Name: "Talk", Type: 0x0104},
}

type DiaryClient struct{ caller runtime.Caller }

func NewDiaryClient(caller runtime.Caller) *DiaryClient { return &DiaryClient{caller} }

func (c *DiaryClient) Page(ctx context.Context, page uint16) (text string, err error) {
	call := runtime.NewCall(&diaryMethods.Page)
	defer call.Release()
	call.Out = codec.WriteUint16(call.Out, page)
	if err := c.caller.Call(ctx, call); err != nil {
		return "", err
	}
	text = call.In.String("text")
	return text, call.Decoded()
}

func (c *DiaryClient) Write(ctx context.Context, text string) (page uint16, err error) {
	call := runtime.NewCall(&diaryMethods.Write)
	defer call.Release()
	call.Out = codec.WriteString(call.Out, text)
	if err := c.caller.Call(ctx, call); err != nil {
		return 0, err
	}
	page = call.In.Uint16("page")
	return page, call.Decoded()
}

func (c *DiaryClient) Follow(ctx context.Context, page uint16) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		call := runtime.NewCall(&diaryMethods.Follow)
		defer call.Release()
		call.Out = codec.WriteUint16(call.Out, page)
		runtime.ReceiveStream(ctx, c.caller, call, (*codec.Decoder).String, yield)
	}
}

func (c *DiaryClient) Copy(ctx context.Context, texts iter.Seq2[string, error]) (pages uint16, err error) {
	call := runtime.NewCall(&diaryMethods.Copy)
	defer call.Release()
	if err := runtime.SendStream(ctx, c.caller, call, codec.WriteString, texts); err != nil {
		return 0, err
	}
	pages = call.In.Uint16("pages")
	return pages, call.Decoded()
}

func (c *DiaryClient) Talk(ctx context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		call := runtime.NewCall(&diaryMethods.Talk)
		defer call.Release()
		runtime.ExchangeStreams(ctx, c.caller, call, codec.WriteString, lines, (*codec.Decoder).String, yield)
	}
}

// Diary is the service out of functions. Those that are nil are not to be called.
type Diary struct {
	page   func(ctx context.Context, page uint16) (string, error)
	write  func(ctx context.Context, text string) (uint16, error)
	follow func(ctx context.Context, page uint16) iter.Seq2[string, error]
	copy   func(ctx context.Context, texts iter.Seq2[string, error]) (uint16, error)
	talk   func(ctx context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error]
}

func RegisterDiary(registrar runtime.Registrar, service Diary) {
	stubs := diaryStubs{service}
	registrar.Register(runtime.Service{
		Name:   "example.Diary",
		Number: 1,
		Handlers: []runtime.Handler{
			{Method: &diaryMethods.Page, Handle: stubs.Page},
			{Method: &diaryMethods.Write, Handle: stubs.Write},
			{Method: &diaryMethods.Follow, Handle: stubs.Follow},
			{Method: &diaryMethods.Copy, Handle: stubs.Copy},
			{Method: &diaryMethods.Talk, Handle: stubs.Talk},
		},
	})
}

type diaryStubs struct{ service Diary }

func (s diaryStubs) Page(ctx context.Context, call *runtime.Call) error {
	page := call.In.Uint16("page")
	if err := call.Decoded(); err != nil {
		return err
	}
	text, err := s.service.page(ctx, page)
	if err != nil {
		return err
	}
	call.Out = codec.WriteString(call.Out, text)
	return nil
}

func (s diaryStubs) Write(ctx context.Context, call *runtime.Call) error {
	text := call.In.String("text")
	if err := call.Decoded(); err != nil {
		return err
	}
	page, err := s.service.write(ctx, text)
	if err != nil {
		return err
	}
	call.Out = codec.WriteUint16(call.Out, page)
	return nil
}

func (s diaryStubs) Follow(ctx context.Context, call *runtime.Call) error {
	page := call.In.Uint16("page")
	if err := call.Decoded(); err != nil {
		return err
	}
	return runtime.ReplyStream(call, codec.WriteString, s.service.follow(ctx, page))
}

func (s diaryStubs) Copy(ctx context.Context, call *runtime.Call) error {
	if err := call.Decoded(); err != nil {
		return err
	}
	pages, err := s.service.copy(ctx, runtime.ParamStream(call, (*codec.Decoder).String))
	if err != nil {
		return err
	}
	call.Out = codec.WriteUint16(call.Out, pages)
	return nil
}

func (s diaryStubs) Talk(ctx context.Context, call *runtime.Call) error {
	if err := call.Decoded(); err != nil {
		return err
	}
	return runtime.ReplyStream(call, codec.WriteString, s.service.talk(ctx, runtime.ParamStream(call, (*codec.Decoder).String)))
}
