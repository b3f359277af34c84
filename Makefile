# The two commands: `make run` and `make test`. Both install what is missing, build, and run.
SWIFT ?= swift
# Release builds: the Swift runtime inside the binary, and no dynamic exclusivity checks (a fifth of the CPU).
RELEASE = -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked $(LINK)
# What is linked is also what is resident: no table of exported symbols, identical functions once, (where the C library
# knows them, 2.36) relative relocations packed, and the functions that are executed next to each other, hottest first
# (Benchmarks/link-order). 35 MB after start-up become 24, and a request runs through fewer pages.
SECTIONS = -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections
ORDER = -Xlinker --symbol-ordering-file=Sources/link-order.txt -Xlinker --no-warn-symbol-ordering
LINK = -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker --no-export-dynamic $(SECTIONS) $(ORDER) $(PACK_RELOCATIONS)
PACK_RELOCATIONS := $(shell getconf GNU_LIBC_VERSION 2>/dev/null | \
  awk '{ split($$2, v, "."); if (v[1] > 2 || v[2] >= 36) print "-Xlinker -z -Xlinker pack-relative-relocs" }')
BIN = .build/release

.PHONY: help run build test test-swift test-python lint format openapi docs generate packages clean

help: ## This list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build and start gateway (127.0.0.1:8080) and order server (127.0.0.1:9009).
	@exec $(BIN)/gateway up

build: packages ## Release binaries in .build/release: gateway, order-server, order-client, wiretap.
	$(SWIFT) build $(RELEASE) --product gateway
	$(SWIFT) build $(RELEASE) --product order-server
	$(SWIFT) build $(RELEASE) --product order-client
	$(SWIFT) build $(RELEASE) --product wiretap

test: packages lint test-swift test-python ## Everything that CI runs.

# What talks over sockets runs one test after another: hundreds at once on few processors keep each other from
# their deadlines.
SOCKET_TESTS = GatewayTests|GRPCUpstreamTests|OrderServiceTests|WireTapTests

# A run takes a minute or two; one that hangs is ended, and its last line names the test that did not return.
RUN_TESTS = timeout --kill-after=10s 20m stdbuf -oL $(SWIFT) test --skip-build

test-swift: packages ## The Swift tests.
	$(SWIFT) build --build-tests
	$(RUN_TESTS) --skip '$(SOCKET_TESTS)'
	$(RUN_TESTS) --no-parallel --filter '$(SOCKET_TESTS)'

test-python: packages ## The order server and the gateway, exercised by independent clients, where Python 3 is present.
	@if command -v python3 >/dev/null; then \
	  for product in order-server gateway order-client wiretap HostileUpstream; do \
	    $(SWIFT) build --product $$product || exit 1; \
	  done && \
	  Tests/python/run .build/debug/order-server .build/debug/gateway; \
	else echo "python3 not found: the checks with grpcio and curl are left out"; fi

lint: ## swift format, strict.
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

format: ## Rewrite the sources as swift format wants them.
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

openapi: packages ## Make the OpenAPI documents in openapi/ anew.
	RENEW_OPENAPI=1 $(SWIFT) test --filter OpenAPIGoldenTests

docs: packages ## Make the table of settings in docs/operations.md anew.
	RENEW_DOCS=1 $(SWIFT) test --filter SettingsTests

generate: packages ## Make the descriptor set and the Swift code of proto/ anew.
	proto/generate.sh

packages: ## Install the Debian packages that are missing.
	@.ci/install-packages

clean: ## Remove what was built.
	rm -rf .build
