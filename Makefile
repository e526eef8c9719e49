# Notbetrieb. `make` lists the targets.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X main.version=$(VERSION)
PKGS     = ./...

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

.PHONY: demo
demo: ## run the demo hospital on this machine
	$(GO) run ./cmd/notbetrieb demo

.PHONY: build
build: ## build bin/notbetrieb for this machine
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/notbetrieb ./cmd/notbetrieb

.PHONY: cross
cross: ## build the static binaries for Linux and Windows
	CGO_ENABLED=0 GOOS=linux   GOARCH=amd64 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/notbetrieb-linux-amd64 ./cmd/notbetrieb
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/notbetrieb-windows-amd64.exe ./cmd/notbetrieb

.PHONY: tools
tools: ## install what the tests need besides Go (Chromium, poppler, axe)
	@sh scripts/test-tools

.PHONY: lint
lint: ## formatting and vet
	@test -z "$$(gofmt -l cmd internal)" || { gofmt -l cmd internal; echo 'gofmt: the files above are not formatted'; exit 1; }
	$(GO) vet $(PKGS)

.PHONY: test
test: tools lint cross ## install what is needed, then every test
	CI=$${CI:-1} $(GO) test -count=1 -timeout 14m $(PKGS)

.PHONY: race
race: ## the tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -timeout 30m $(PKGS)

.PHONY: golden
golden: ## rewrite the golden files, then read the diff
	$(GO) test ./internal/interpret ./internal/paper -run Golden -update

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30 s)
	@sh scripts/fuzz $${FUZZTIME:-30s}

.PHONY: soak
soak: ## the long kill and fault runs
	$(GO) test ./internal/journal -count=1 -timeout 60m -run 'Killed|PowerCut' -kills 220 -cuts 10 -v
	$(GO) test ./internal/testkit -count=1 -timeout 30m -run 'Kill' -v
	$(GO) test ./internal/handback -count=1 -timeout 60m -run 'ExactlyOnce' -v -trials 1000
	$(GO) test ./internal/testkit -count=1 -timeout 120m -run 'ADayOfAWholeHouse' -v -day

.PHONY: bench
bench: ## every measure in one run, beside its limit; writes docs/benchmarks.json
	$(GO) run ./cmd/bench -out docs
