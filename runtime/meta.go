package runtime

import (
	"context"
	"strings"
	"sync"
)

// metaService is the number of the service that the runtime answers itself.
const metaService = 255

// WithHealth lets check say whether a server, or a client for the calls that it answers,
// wants calls: [Meta.Health] returns nil when check does, else an error with
// [CodeUnavailable] and the text of check's. Any peer may ask at any time, several at once,
// so check is to answer quickly, and to say nothing that is secret. Its context is that of a
// handler. The default, also for nil, is always healthy; a server that shuts down is not,
// whatever check says.
func WithHealth(check func(ctx context.Context) error) SessionOption { return healthOption(check) }

type healthOption func(context.Context) error

func (o healthOption) applyToServer(s *Server) { s.meta.health = o }
func (o healthOption) applyToClient(c *Client) { c.meta.health = o }

// A metaAnswerer is what an answerer needs for its service 255. The handlers are made
// when the first is asked for, since most clients never are.
type metaAnswerer struct {
	health   func(context.Context) error // what WithHealth set, or nil
	once     sync.Once
	handlers []Handler
}

// Register implements [Registrar] for registerMeta.
func (m *metaAnswerer) Register(service Service) { m.handlers = service.Handlers }

// handler returns who answers messages of the given type, or nil.
func (a *answerer) handler(messageType uint16) *Handler {
	if messageType>>8 != metaService {
		return a.registry.handler(messageType)
	}
	a.meta.once.Do(func() { registerMeta(&a.meta, metaOf{a}) })
	for i := range a.meta.handlers {
		if h := &a.meta.handlers[i]; h.Method.Type == messageType {
			return h
		}
	}
	return nil
}

// metaOf implements [Meta] for an answerer.
type metaOf struct{ answerer *answerer }

func (m metaOf) Ping(context.Context) error { return nil }

func (m metaOf) Health(ctx context.Context) error {
	if check := m.answerer.meta.health; check != nil {
		if err := check(ctx); err != nil {
			return NewError(CodeUnavailable, messageOf(err))
		}
	}
	if m.answerer.stopping.Err() != nil { // asked after check, which may have taken its time
		return errStopping
	}
	return nil
}

func (m metaOf) Describe(context.Context) (services []string, schema string, err error) {
	var text strings.Builder
	written := map[string]bool{}
	for _, service := range m.answerer.sorted() {
		services = append(services, service.Name)
		describe(service.Package, written, &text)
	}
	return services, text.String(), nil
}

// describe writes the text of what p imports, and of p, unless it is among those
// written. Packages that were generated twice have one text.
func describe(p *Package, written map[string]bool, text *strings.Builder) {
	if p == nil || written[p.IDL] {
		return
	}
	written[p.IDL] = true
	for _, imported := range p.Imports {
		describe(imported, written, text)
	}
	text.WriteString(p.IDL)
}
