package breaking

import "github.com/parley-rpc/parley/idl"

// services compares the services of a package.
func (c *comparison) services(before, after []numbered) {
	for _, l := range link(before, after) {
		switch {
		case l.after == nil:
			c.serviceRemoved(l.before.decl.(*idl.Service))
		case l.before == nil: // a new service
		default:
			c.service(l)
		}
	}
}

// service compares two services of one name or one number.
func (c *comparison) service(l linked) {
	before, after := l.before.decl.(*idl.Service), l.after.decl.(*idl.Service)
	compare := func(c *comparison) { c.methods(before, after) }
	switch {
	case before.Number != after.Number:
		c.serviceNumber(before, after)
	case before.Name != after.Name && c.breaksWire(compare):
		c.numberReused(nil, l.after, before)
		return
	case before.Name != after.Name:
		c.renamed(before, after, idl.Title(after))
	}
	if before.Classic && !after.Classic {
		c.classicRemoved(after)
	}
	compare(c)
}

// methods compares the methods of two services.
func (c *comparison) methods(before, after *idl.Service) {
	reserved := set(before.Reserved)
	c.unreserved(after, reserved, set(after.Reserved), methods(after))
	for _, l := range link(methods(before), methods(after)) {
		switch {
		case l.after == nil:
			c.methodRemoved(l.before.decl.(*idl.Method))
		case l.before == nil && (reserved[l.after.number] || l.taken):
			c.numberReused(after, l.after, l.former)
		case l.before == nil:
			c.methodAdded(l.after.decl.(*idl.Method))
		default:
			c.method(l)
		}
	}
}

// method compares two methods of one name or one number.
func (c *comparison) method(l linked) {
	before, after := l.before.decl.(*idl.Method), l.after.decl.(*idl.Method)
	compare := func(c *comparison) { c.arguments(before, after) }
	switch {
	case before.Number != after.Number:
		c.methodNumber(before, after)
	case before.Name != after.Name && c.breaksWire(compare):
		c.numberReused(after.Service, l.after, before)
		return
	case before.Name != after.Name:
		c.renamed(before, after, member(after, after.Service))
	}
	if !before.Borrowed && after.Borrowed {
		c.methodBorrowed(after)
	}
	compare(c)
}

// arguments compares the parameters and results of two methods.
func (c *comparison) arguments(before, after *idl.Method) {
	params := fields{what: "parameter", owner: after, before: before.Params, after: after.Params}
	params.wasStream, params.isStream = before.ParamStream, after.ParamStream
	c.fields(params)
	c.streams(&params)
	results := fields{what: "result", owner: after, before: before.Results, after: after.Results}
	results.wasStream, results.isStream = before.ResultStream, after.ResultStream
	c.fields(results)
	c.streams(&results)
}
