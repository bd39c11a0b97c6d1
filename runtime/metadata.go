package runtime

import (
	"context"
	"fmt"
	"maps"

	"github.com/parley-rpc/parley/runtime/codec"
)

type carriedKey struct{}

// A carried is what the calls of a context carry beside their parameters and results.
type carried struct {
	metadata map[string]string // of the request
	reply    *replyMetadata    // where that of the reply goes, or nil
}

func carriedBy(ctx context.Context) carried {
	c, _ := ctx.Value(carriedKey{}).(carried)
	return c
}

// WithMetadata returns a context whose calls carry metadata, in place of what ctx carried
// so: strings by name, for what is not a parameter, such as a token or the id of a
// trace. All of it is at most 8 KiB on the wire; with more a call fails with
// [CodeResourceExhausted]. Only sessions carry it, the classic form has no room for it.
// The metadata of a call that a handler answers does not go on with the calls that it makes.
func WithMetadata(ctx context.Context, metadata map[string]string) context.Context {
	return context.WithValue(ctx, carriedKey{}, carried{maps.Clone(metadata), carriedBy(ctx).reply})
}

// AddMetadata is [WithMetadata] with one more entry beside those of ctx, or in place of
// the one of this name: what an interceptor at the caller uses.
func AddMetadata(ctx context.Context, name, value string) context.Context {
	metadata := maps.Clone(carriedBy(ctx).metadata)
	if metadata == nil {
		metadata = make(map[string]string, 1)
	}
	metadata[name] = value
	return context.WithValue(ctx, carriedKey{}, carried{metadata, carriedBy(ctx).reply})
}

// MetadataFrom returns the metadata of the call that a handler answers, given the
// handler's context or one derived from it. It is nil if there is none, is the same for all
// who ask, and is only to be read.
func MetadataFrom(ctx context.Context) map[string]string {
	h, ok := ctx.Value(handlerKey{}).(*handlerContext)
	if !ok {
		return nil
	}
	return h.metadata
}

func appendMetadata(buf []byte, metadata map[string]string) []byte {
	return codec.WriteMap(buf, metadata, codec.WriteString, codec.WriteString)
}

// readMetadata reads what appendMetadata wrote, or nothing.
func readMetadata(block []byte) (map[string]string, error) {
	if len(block) == 0 {
		return nil, nil
	}
	var d codec.Decoder
	d.Reset(block, true)
	metadata := codec.ReadMap(&d, "metadata", 4, (*codec.Decoder).String, (*codec.Decoder).String)
	if err := d.Finish(); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return metadata, nil
}
