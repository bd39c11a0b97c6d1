package dump

import "github.com/parley-rpc/parley/idl"

// metaMethods returns the methods of service 255, which every peer of a session has and no schema names.
func metaMethods() []*idl.Method {
	file := &idl.File{Package: &idl.Package{Path: "runtime", Name: "runtime"}}
	service := &idl.Service{Common: idl.Common{Name: "Meta", File: file}, Number: 255}
	for i, name := range []string{"Ping", "Describe", "Health"} {
		m := &idl.Method{Common: idl.Common{Name: name, File: file}, Service: service, Number: uint8(i)}
		service.Methods = append(service.Methods, m)
	}
	service.Methods[1].Results = []*idl.Field{
		{Common: idl.Common{Name: "services", File: file}, Type: &idl.Type{Kind: idl.List, Elem: stringType}},
		{Common: idl.Common{Name: "schema", File: file}, Type: stringType},
	}
	return service.Methods
}
