package loadbalancer

import (
	"context"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/runtime"
)

// callers says who may call a service. A service that is not in here nobody may call.
var callers = map[string]identity.Role{
	"justchat/loadbalancer.MessageService": identity.Client,
	"justchat/loadbalancer.NodeService":    identity.Server,
	"justchat/loadbalancer.LBService":      identity.LoadBalancer,
	"justchat/loadbalancer.AdminService":   identity.Operator,
}

// ownService is the number of the runtime's own service, which answers anybody.
const ownService = 255

// admit is an interceptor that refuses who may not call a service.
func admit(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
	if call.Callee() && call.Method.Type>>8 != ownService {
		role, known := callers[call.Method.Service]
		if !known {
			return runtime.NewError(runtime.CodePermissionDenied, "nobody may call "+call.Method.String())
		}
		if err := identity.Require(ctx, role); err != nil {
			return err
		}
	}
	return next(ctx)
}
