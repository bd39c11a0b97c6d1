// Package strangers has nothing to do with Parley.
package strangers

import "context"

func given(ctx context.Context) context.Context { return context.Background() }
