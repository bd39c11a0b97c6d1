package runtime

import (
	"context"
	"fmt"
	"io"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// AddReplyMetadata adds an entry to the metadata that goes with a handler's answer, be
// that results or an error, or replaces the one of this name; the caller gets it by
// [WithReplyMetadata]. ctx is the handler's context or one derived from it; interceptors of the callee use
// it as handlers do, also after next has returned.
//
// An entry with which the metadata would be over 8 KiB on the wire is refused with
// [CodeResourceExhausted], and what was there stays. In the classic form, which has no room
// for metadata, the error is [CodeUnimplemented]; once the handler has returned it is
// [CodeFailedPrecondition]. With a context that no server made, as when a program calls
// its own implementation directly, nobody gets the entry, and there is no error.
func AddReplyMetadata(ctx context.Context, name, value string) error {
	h, ok := ctx.Value(handlerKey{}).(*handlerContext)
	if !ok {
		return nil
	}
	return h.addReply(name, value)
}

func (h *handlerContext) addReply(name, value string) error {
	if h.session == nil {
		return NewError(CodeUnimplemented, "metadata in a reply needs a session; this is the classic form")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return NewError(CodeFailedPrecondition, "metadata added to a reply after the handler has returned")
	}
	r := h.rarely()
	size := emptyMetadata + entrySize(name, value)
	for n, v := range r.reply {
		if n != name {
			size += entrySize(n, v)
		}
	}
	if size > frame.MaxMetadata {
		return NewError(CodeResourceExhausted, fmt.Sprintf("metadata of the reply would have %d bytes with %q, the most is %d",
			size, name, frame.MaxMetadata))
	}
	if r.reply == nil {
		r.reply = make(map[string]string)
	}
	r.reply[name] = value
	return nil
}

// emptyMetadata is the size of metadata without an entry, in bytes: their number.
const emptyMetadata = 2

// entrySize returns how many bytes an entry takes: two strings, each after its length. One that has a
// longer length than this is too large in any case.
func entrySize(name, value string) int { return 2 + len(name) + 2 + len(value) }

// WithReplyMetadata returns a context whose calls put the metadata of their reply into
// *metadata: nil when a call begins, and what the peer's answer carried when it is over, be that results or
// an error. A call with streams is over at its end; one whose loop was left has no answer. Where ctx
// had a place for it already, by an interceptor or by its user, both get it, the same map, which is only to be
// read.
//
// The context is for one call at a time. In the classic form it is always nil.
func WithReplyMetadata(ctx context.Context, metadata *map[string]string) context.Context {
	c := carriedBy(ctx)
	c.reply = &replyMetadata{metadata, c.reply}
	return context.WithValue(ctx, carriedKey{}, c)
}

// A replyMetadata is a place for the metadata of a reply, and the one beyond. Nil is
// none.
type replyMetadata struct {
	place *map[string]string
	outer *replyMetadata
}

func (r *replyMetadata) set(metadata map[string]string) {
	for ; r != nil; r = r.outer {
		*r.place = metadata
	}
}

// take sets what a reply carried. It returns err, the call's error, or if there is
// none what is wrong with the metadata.
func (r *replyMetadata) take(block []byte, err error) error {
	if r == nil {
		return err
	}
	metadata, faulty := readMetadata(block)
	r.set(metadata)
	if faulty != nil && (err == nil || err == io.EOF) {
		return fmt.Errorf("reply: %w", faulty)
	}
	return err
}
