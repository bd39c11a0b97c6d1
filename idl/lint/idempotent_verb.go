package lint

import (
	"iter"
	"slices"

	"github.com/parley-rpc/parley/idl"
)

var idempotentVerb = &Rule{
	ID:      "idempotent-verb",
	Summary: "a method that does something each time is not @idempotent",
	Why: `@idempotent lets the runtime send a call again when the line broke and nobody knows whether it was answered. By
its name this method does its work twice then. Where a parameter, such as an id that the caller chose, makes the
second time harmless, say so in a parley:ignore comment. The verbs are Add, Append, Broadcast, Buy, Charge,
Create, Decrease, Decrement, Deliver, Deposit, Dequeue, Emit, Enqueue, Increase, Increment, Insert, Notify, Pay, Pop, Post,
Prepend, Publish, Push, Refund, Say, Send, Spend, Submit, Tell, Toggle, Transfer and Withdraw.`,
	Bad: `
// Bank keeps accounts.
service Bank = 1 {
	// Transfer moves an amount from one account to another.
	@idempotent
	0: Transfer(source, target string, amount uint64)
}
`,
	Good: `
// Bank keeps accounts.
service Bank = 1 {
	// Transfer moves an amount from one account to another. A second call with one order does nothing.
	// parley:ignore idempotent-verb order tells one transfer from another
	@idempotent
	0: Transfer(order, source, target string, amount uint64)
}
`,
	check: checkIdempotentVerb,
}

var repeatedVerbs = []string{
	"Add", "Append", "Broadcast", "Buy", "Charge", "Create", "Decrease", "Decrement", "Deliver", "Deposit", "Dequeue", "Emit",
	"Enqueue", "Increase", "Increment", "Insert", "Notify", "Pay", "Pop", "Post", "Prepend", "Publish", "Push", "Refund",
	"Say", "Send", "Spend", "Submit", "Tell", "Toggle", "Transfer", "Withdraw",
}

func checkIdempotentVerb(p *pass) {
	for m := range p.methods() {
		if verb := firstWord(m.Name); m.Idempotent && slices.Contains(repeatedVerbs, verb) {
			p.report(m, "remove @idempotent, or say in a parley:ignore comment why a second call is harmless",
				"method %q is @idempotent, but what is called %s does something each time", m.Name, verb)
		}
	}
}

// methods returns the methods of the package.
func (p *pass) methods() iter.Seq[*idl.Method] {
	return func(yield func(*idl.Method) bool) {
		for d := range p.pkg.Decls() {
			service, ok := d.(*idl.Service)
			if !ok {
				continue
			}
			for _, m := range service.Methods {
				if !yield(m) {
					return
				}
			}
		}
	}
}
