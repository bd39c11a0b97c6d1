package server

import (
	"context"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/runtime"
)

// callers says who may call a method of ours. One that is not in here nobody may call.
var callers = map[string][]identity.Role{
	"justchat/server.NodeService.NewStorageNode": {identity.Server, identity.LoadBalancer},
	"justchat/server.NodeService.RemoveNode":     {identity.LoadBalancer},
	"justchat/server.NodeService.SendPublicMsg":  {identity.Server},
	"justchat/server.NodeService.CatchUp":        {identity.Server},
	"justchat/server.NodeService.RelayPrivate":   {identity.Server},
	"justchat/server.NodeService.SendPublicFile": {identity.Server},
	"justchat/server.NodeService.StoreFile":      {identity.Server},
	"justchat/server.NodeService.GetFile":        {identity.Server},
	"justchat/server.NodeService.DeleteFile":     {identity.LoadBalancer},
	"justchat/server.NodeService.RelayFile":      {identity.Server},
	"justchat/server.NodeService.GetPrivateFile": {identity.Server},

	"justchat/server.MessageService.ConnectionInit": {identity.Client},
	"justchat/server.MessageService.SendPublicMsg":  {identity.Client},
	"justchat/server.MessageService.SendPrivate":    {identity.Client},
	"justchat/server.MessageService.RelayPrivate":   {identity.Client},
	"justchat/server.MessageService.History":        {identity.Client},
	"justchat/server.MessageService.Search":         {identity.Client},
	"justchat/server.MessageService.SendPublicFile": {identity.Client},
	"justchat/server.MessageService.GetFile":        {identity.Client},
	"justchat/server.MessageService.RelayFile":      {identity.Client},
	"justchat/server.MessageService.GetPrivateFile": {identity.Client},
}

// ownService is the number of the runtime's own service, which answers anybody.
const ownService = 255

// admit is an interceptor that refuses who may not call a method, before what he sent is decoded.
func admit(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
	if call.Callee() && call.Method.Type>>8 != ownService {
		roles := callers[call.Method.String()]
		if len(roles) == 0 {
			return runtime.Errorf(runtime.CodePermissionDenied, "nobody may call %v", call.Method)
		}
		if err := identity.Require(ctx, roles...); err != nil {
			return err
		}
	}
	return next(ctx)
}
