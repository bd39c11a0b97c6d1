package runtime

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// A registry is the services that one side answers calls for.
type registry struct {
	mu       sync.RWMutex
	services map[uint8]Service
	handlers atomic.Pointer[map[uint16]*Handler] // by message type; replaced, not changed, so that calls take no lock
}

var _ Registrar = (*registry)(nil)

// Register lets service answer the calls that carry its number, from the next that comes
// on. Register panics if the number is taken, naming both services, and if the
// description of service does not fit together.
func (r *registry) Register(service Service) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if taken, ok := r.services[service.Number]; ok {
		panic(fmt.Sprintf("runtime: services %s and %s both have number %d", taken.Name, service.Name, service.Number))
	}
	check(service)
	if r.services == nil {
		r.services = make(map[uint8]Service)
	}
	r.services[service.Number] = service
	handlers := make(map[uint16]*Handler)
	if old := r.handlers.Load(); old != nil {
		maps.Copy(handlers, *old)
	}
	for i := range service.Handlers {
		handler := &service.Handlers[i]
		handlers[handler.Method.Type] = handler
	}
	r.handlers.Store(&handlers)
}

// check panics if service cannot have come from the generator.
func check(service Service) {
	if service.Number == metaService {
		panic(fmt.Sprintf("runtime: service %s has number %d, which is the runtime's own", service.Name, metaService))
	}
	seen := make(map[uint16]*Method, len(service.Handlers))
	for _, handler := range service.Handlers {
		method := handler.Method
		if method.Type>>8 != uint16(service.Number) {
			panic(fmt.Sprintf("runtime: method %s of service number %d has message type %#04x", method, service.Number, method.Type))
		}
		if other := seen[method.Type]; other != nil {
			panic(fmt.Sprintf("runtime: methods %s and %s both have message type %#04x", other, method, method.Type))
		}
		seen[method.Type] = method
	}
}

// handler returns who answers messages of the given type, or nil.
func (r *registry) handler(messageType uint16) *Handler {
	handlers := r.handlers.Load()
	if handlers == nil {
		return nil
	}
	return (*handlers)[messageType]
}

// sorted returns the services in the order of their numbers.
func (r *registry) sorted() []Service {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.SortedFunc(maps.Values(r.services), func(a, b Service) int { return int(a.Number) - int(b.Number) })
}

// empty reports whether nothing was registered.
func (r *registry) empty() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.services) == 0
}
