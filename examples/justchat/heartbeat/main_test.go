package heartbeat

import (
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
)

func TestMain(m *testing.M) { runtimetest.Main(m) }
