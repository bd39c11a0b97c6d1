# Everything that is done with a checkout. `make` alone lists the targets.
GO          ?= go
STATICCHECK ?= $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOTESTSUM   ?= $(GO) run gotest.tools/gotestsum@v1.13.0
PACKAGES    := ./... ./cmd/justchat/... ./runtime/bench/...
FUZZTIME    ?= 60s
SOAKTIME    ?= 10m
DEBIAN      := tmux iproute2 bash-completion python3 chromium tshark

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## JustChat on this machine with a client for you; without a terminal, a short scripted conversation
	@GO="$(GO)" ./examples/justchat/demo.sh

test: check ## all tests, with the race detector, and all checks
	$(GOTESTSUM) --format pkgname --hide-summary output -- -race -timeout 10m $(PACKAGES)
	@echo "not run here: make test-system (needs root and Debian packages), make soak, make fuzz, make bench"

check: ## formatting, vet, staticcheck, parley vet, freshness of the generated code
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted, run make fmt:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet -tags system $(PACKAGES)
	$(STATICCHECK) -tags system $(PACKAGES)
	$(GO) run ./cmd/parley vet -tags system $(PACKAGES)
	$(GO) run ./cmd/parley fmt -d ./... ./runtime/bench/...
	$(GO) run ./cmd/parley lint ./...
	$(GO) run ./cmd/parley gen -check -out generated ./examples/...
	$(GO) run ./cmd/parley gen -check ./runtime

fmt: ## format Go and .parley files in place
	gofmt -w $$(git ls-files '*.go')
	$(GO) run ./cmd/parley fmt -w ./... ./runtime/bench/...

generate: ## make the generated code anew
	$(GO) generate ./...

golden: ## rewrite the golden files of the tests; read the diff before you commit it
	$(GO) test ./idl/... ./gen/... ./cmd/parley ./cmd/parley/from -update

bench: ## Parley beside its peers and its floors, eight minutes; the packages' own: go test -bench
	cd runtime/bench && $(GO) run .

bench-justchat: ## JustChat: how long clients are without a server that is killed, 100 times; files of 1 GiB beside a plain copy
	for runs in Failover/100x File/5x; do $(GO) test -run '^$$' -bench $${runs%/*} -benchtime $${runs#*/} -timeout 20m ./cmd/justchat/failures || exit; done

fuzz: ## each fuzz target for FUZZTIME (60s)
	@set -e; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$file); do \
			echo "== $$(dirname $$file) $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$(dirname $$file); \
		done; done

soak: ## long runs under load, SOAKTIME (10m) each
	PARLEY_SOAK=$(SOAKTIME) $(GO) test -race -count 1 -timeout 2h -run Soak -v ./examples/... ./cmd/justchat/...

test-system: ## tests that need root or Debian packages, which it installs
	@dpkg -s $(DEBIAN) >/dev/null 2>&1 || { apt-get update -q && apt-get install -q -y $(DEBIAN); }
	$(GO) test -tags system -count 1 -run "System|Strangers" -v ./cmd/... ./cmd/justchat/... ./examples/...

.PHONY: help demo test check fmt generate golden bench bench-justchat fuzz soak test-system
