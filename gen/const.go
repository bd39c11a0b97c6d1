package gen

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// constant returns const MaxName = 20.
func (g *generator) constant(c *idl.Const) jen.Code {
	text := c.Text
	switch v := c.Value.(type) {
	case string:
		text = strconv.Quote(v)
	case float64:
		if v == 0 {
			text = strings.TrimPrefix(text, "-") // no constant of Go is a negative zero
		}
	}
	return documented(docOf(c, declaredIn(c, "a constant")), jen.Const().Id(goName(c)).Op("=").Id(text))
}
