# The tasks of this module. CI runs the same ones (.ci/run).

GO ?= go
FUZZTIME ?= 60s

.PHONY: help
help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the programs into bin/
	$(GO) build -o bin/ ./cmd/...

.PHONY: demo
demo: ## watch Authenticated Origin Pulls work
	$(GO) run ./cmd/originpull demo

.PHONY: recording
recording: export PATH := $(CURDIR)/bin:$(PATH)
recording: build ## record the demo for the README, and the commands for docs/origins.md and docs/rotation.md; needs nginx and openssl
	$(GO) run ./internal/cmd/termcast record -o docs/demo.svg -- originpull demo
	$(GO) run ./internal/cmd/termcast record -o docs/check.svg --session "originpull origin check" -- sh internal/cmd/termcast/scenes/check.sh
	$(GO) run ./internal/cmd/termcast record -o docs/rotate.svg --session "originpull rotate" -- sh internal/cmd/termcast/scenes/rotate.sh

.PHONY: test
test: ## run the tests
	$(GO) test ./...

.PHONY: race
race: ## run the tests with the race detector, or say that there is no C compiler and run them without
	@if command -v "$$($(GO) env CC)" >/dev/null && [ "$$($(GO) env CGO_ENABLED)" = 1 ]; then $(GO) test -race ./...; \
	else echo "NO C COMPILER: the tests run WITHOUT the race detector" >&2; $(GO) test ./...; fi

.PHONY: generate
generate: ## generate gen/ and the rest of the code from spec/ and overlays/go
	$(GO) generate ./...

# What go generate writes.
GENERATED = gen originpull/values.gen.go

.PHONY: generate-check
generate-check: ## fail with the difference if the generated code is not what generate writes
	@set -e; before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; tar cf - $(GENERATED) | tar xf - -C "$$before"; $(GO) generate ./...; \
	for made in $(GENERATED); do diff -ru "$$before/$$made" $$made || stale="$$stale $$made"; done; \
	if [ -n "$$stale" ]; then echo "stale, and generated again, commit it:$$stale" >&2; exit 1; fi

.PHONY: format-check
format-check: ## fail on Go files that gofmt would change
	@files=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
	if [ -n "$$files" ]; then echo "not formatted, run gofmt -w: $$files" >&2; exit 1; fi

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: vet-platforms
# What is compiled for them is only read by vet: without optimizing it takes a third less. For
# macOS most files are the same as for Linux, so only packages of which some are not are vetted.
FILES = '{{.ImportPath}} {{.GoFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}'
vet-platforms: ## go vet for Windows and macOS, whose files no other task compiles
	GOOS=windows $(GO) vet -gcflags='all=-N -l' ./...
	@set -e; here=$$(mktemp); trap 'rm -f "$$here"' EXIT; GOOS=linux $(GO) list -f $(FILES) ./... | sort >"$$here"; \
	differ=$$(GOOS=darwin $(GO) list -f $(FILES) ./... | sort | comm -13 "$$here" - | cut -d' ' -f1); \
	if [ -n "$$differ" ]; then set -x; GOOS=darwin $(GO) vet -gcflags='all=-N -l' $$differ; fi

.PHONY: lint
lint: ## staticcheck
	$(GO) run honnef.co/go/tools/cmd/staticcheck ./...

SPECTRAL = @stoplight/spectral-cli@6.16.3
REDOCLY = @redocly/cli@2.77.0
# What npm prints if it cannot reach its registry.
NPM_UNREACHABLE = ^npm (error|ERR!) code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)

.PHONY: lint-spec
lint-spec: export npm_config_fetch_retries = 0
lint-spec: export npm_config_fetch_timeout = 60000
lint-spec: export REDOCLY_TELEMETRY = off
lint-spec: export REDOCLY_SUPPRESS_UPDATE_NOTICE = true
lint-spec: ## lint both documents with Spectral and Redocly, or say that npm is missing or cannot reach its registry
	@command -v npx >/dev/null || { echo "SKIPPED: no npx, so Spectral and Redocly do NOT lint the documents"; exit 0; }; \
	output=$$(mktemp); trap 'rm -f "$$output"' EXIT; \
	for package in $(SPECTRAL) $(REDOCLY); do \
		npx --yes $$package --version >"$$output" 2>&1 && continue; \
		cat "$$output"; grep -qE '$(NPM_UNREACHABLE)' "$$output" || exit 1; \
		echo "SKIPPED: npm cannot reach its registry, so Spectral and Redocly do NOT lint the documents"; exit 0; \
	done; \
	npx --yes $(SPECTRAL) lint --fail-severity hint --ruleset spec/spectral.yaml spec/openapi.yaml gen/openapi.yaml && \
	npx --yes $(REDOCLY) lint --extends recommended-strict spec/openapi.yaml gen/openapi.yaml

.PHONY: api-diff
api-diff: ## list what changed in the Go API since BASE or the last version; fail on a breaking change that CHANGELOG.md does not name
	$(GO) run ./internal/cmd/apidiff since $(BASE)

.PHONY: release-check
release-check: ## check what a version needs besides check: all is reviewed, CHANGELOG.md names breaking changes, and it, Version and the tag agree
	@grep -n 'x-review:' spec/openapi.yaml; case $$? in 1) ;; \
	0) echo "spec/openapi.yaml: a person has to review this before a release: describe it, remove the mark, make generate" >&2; exit 1;; *) exit 2;; esac
	@grep -n '^- Not complete:' CHANGELOG.md; case $$? in 1) ;; \
	0) echo "CHANGELOG.md: name what make api-diff lists, and remove the line" >&2; exit 1;; *) exit 2;; esac
	@$(GO) run ./internal/cmd/apidiff since $(BASE)

	@$(GO) run ./internal/cmd/release check

.PHONY: release-notes
# It goes to the shell unchanged: a tag can hold any character.
release-notes: export NOTES_VERSION = $(value VERSION)
release-notes: ## print what CHANGELOG.md says of VERSION, by default of the newest
	@$(GO) run ./internal/cmd/release notes $${NOTES_VERSION:+-- "$$NOTES_VERSION"}

# A module of its own, so that what goreleaser needs is nothing that ours requires.
GORELEASER = bin/goreleaser
# goreleaser gives programs in a zip the mode that the umask lets them have, and puts them
# into an archive in the order in which they were built: so one after the other.
ARCHIVE = umask 022 && "$(CURDIR)/$(GORELEASER)" release --clean --skip=publish --parallelism=1
.PHONY: goreleaser
goreleaser:
	cd tools/release && $(GO) build -o ../../$(GORELEASER) github.com/goreleaser/goreleaser/v2

.PHONY: dist
dist: goreleaser ## build the archives of all platforms into dist/: of a version if HEAD is tagged with it, else of the commit
	@snapshot=; git describe --exact-match --tags --match 'v*' >/dev/null 2>&1 || snapshot=--snapshot; \
	set -x; $(ARCHIVE) $$snapshot

.PHONY: dist-check
dist-check: goreleaser ## check .goreleaser.yaml, build the archives of HEAD twice, in two folders, time zones and umasks, the second time with an empty build cache, and compare them
	$(GORELEASER) check
	@set -e; made=$$(mktemp -d); trap 'chmod -R u+w "$$made"; rm -rf "$$made"' EXIT; \
	commit=$$(git rev-parse HEAD); \
	build() { git clone --quiet --no-local --no-checkout . "$$made/$$1"; git -C "$$made/$$1" checkout --quiet --detach "$$commit"; \
		(cd "$$made/$$1" && shift && export "$$@" && $(ARCHIVE) --snapshot >"$$made/log" 2>&1) || { cat "$$made/log"; exit 1; }; }; \
	build one TZ=UTC; umask 027; build two/deeper TZ=Asia/Tokyo GOCACHE="$$made/cache"; \
	cat "$$made/one/dist/checksums.txt"; \
	cmp "$$made/one/dist/checksums.txt" "$$made/two/deeper/dist/checksums.txt"; \
	test "$$(wc -l <"$$made/one/dist/checksums.txt")" -eq 6; echo "Two builds of this commit have the same digests."

# What builds images here: IMAGE_BUILD="docker build" takes another.
IMAGE_BUILD = buildah build
.PHONY: image
image: ## build the image of the simulator for Linux on GOARCH: originpull:latest
	@set -e; context=$$(mktemp -d); trap 'rm -rf "$$context"' EXIT; \
	CGO_ENABLED=0 GOOS=linux $(GO) build -trimpath -ldflags='-s -w' -o "$$context/originpull" ./cmd/originpull; \
	$(IMAGE_BUILD) -f Dockerfile -t originpull:latest "$$context"

.PHONY: secrets
secrets: ## run all tests and commands and search their output for keys and tokens
	$(GO) run ./internal/cmd/leakscan run

.PHONY: foreign
foreign: ## run cloudflare-go v0 and v7 against the simulator
	cd internal/foreign && $(GO) test -count=1 ./...

.PHONY: foreign-v0
foreign-v0: ## run v0 alone, which compiles fast
	cd internal/foreign && $(GO) test -count=1 ./v0/...

.PHONY: examples
examples: ## test the nested modules: examples with dependencies, the benchmark
	cd examples/otel && $(GO) test -count=1 ./...
	cd bench && $(GO) test -count=1 . ./responses ./worker

.PHONY: temporal
temporal: ## test the example of a workflow engine, which takes a minute to compile; the night does
	cd examples/temporal && $(GO) test -count=1 -v ./...

.PHONY: deploy-check
deploy-check: ## check deploy/: the units with systemd-analyze, or say that it is missing or too old; the CronJob with the types of Kubernetes
	cd deploy && $(GO) test -count=1 -v ./...

.PHONY: explore
explore: ## run rotations in all orders of requests and failures, for some minutes
	$(GO) test ./originpull/rotate -run 'Explore|Mutants' -explore.all -timeout 1h -v

.PHONY: soak
soak: ## send a million requests to the simulator in memory
	$(GO) test ./originpull/originpulltest -run TestSoak -soak 1000000 -timeout 20m -v

.PHONY: vuln
vuln: ## govulncheck, which needs its database on the network
	$(GO) run golang.org/x/vuln/cmd/govulncheck ./...

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target" && $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

.PHONY: sync
# The values go to the shell unchanged: ids and sources can hold any character.
sync: export SYNC_UPSTREAM = $(value UPSTREAM)
sync: export SYNC_FOLLOW = $(value FOLLOW)
sync: export SYNC_SOURCE = $(value SOURCE)
sync: export SYNC_APPLY = $(value APPLY)
sync: ## report what following UPSTREAM would change (FOLLOW="id id" follows what breaks); APPLY=1 writes it to the working tree; SOURCE names it in the lock
	@test -n "$$SYNC_UPSTREAM" || { echo "UPSTREAM is missing: make sync UPSTREAM=path/or/https-url" >&2; exit 2; }
	@case "$$SYNC_APPLY" in ""|0|1) ;; *) echo "APPLY=$$SYNC_APPLY: say APPLY=1 to write the result to the working tree, or leave it out" >&2; exit 2;; esac
	@$(GO) build -o bin/ ./cmd/drift ./cmd/drift-try
	@set -f; set --; for id in $$SYNC_FOLLOW; do set -- "$$@" --follow "$$id"; done; \
	if [ -n "$$SYNC_SOURCE" ]; then set -- "$$@" --source "$$SYNC_SOURCE"; fi; \
	if [ "$$SYNC_APPLY" = 1 ]; then set -- "$$@" --apply; fi; \
	bin/drift try "$$@" -- "$$SYNC_UPSTREAM"

.PHONY: upstream-try
upstream-try: export SYNC_UPSTREAM = $(value UPSTREAM)
upstream-try: ## try UPSTREAM as the night does, and leave a report and a patch in report/upstream
	@test -n "$$SYNC_UPSTREAM" || { echo "UPSTREAM is missing: make upstream-try UPSTREAM=path/or/https-url" >&2; exit 2; }
	@$(GO) build -o bin/ ./cmd/drift ./cmd/drift-try
	@rm -rf report/upstream && mkdir -p report/upstream
	@bin/drift try -o json --patch report/upstream/follow.patch -- "$$SYNC_UPSTREAM" >report/upstream/report.json || \
		{ status=$$?; test -s report/upstream/report.json || exit $$status; } # a report says what was found

.PHONY: upstream-pr-try
upstream-pr-try: ## take documents that stand in for upstream's from upstream-try to the pull request, with a recorder in place of gh, and print what each leads to
	$(GO) test -count=1 -v ./internal/cmd/upstreampr -run TestNights -whole

.PHONY: upstream-pr-check
upstream-pr-check: ## upstream-pr-try, and make check on the tree of the branch, which takes minutes
	$(GO) test -count=1 -v -timeout 1h ./internal/cmd/upstreampr -run TestNights -whole -check

.PHONY: bench-drift
bench-drift: ## compare drift with the oasdiff command on OLD and NEW, under PREFIX if it is set; or check its speed on the document DOC
	@test -n "$(DOC)" || { test -n "$(OLD)" && test -n "$(NEW)"; } || { echo "the documents are missing: make bench-drift OLD=path/to/old.json NEW=path/to/new.json, or DOC=path/to/openapi.json" >&2; exit 2; }
	cd bench/drift && $(GO) run . $(abspath $(or $(DOC),$(OLD) $(NEW))) $(if $(PREFIX),--prefix '$(PREFIX)')

.PHONY: check
check: format-check vet lint generate-check race secrets ## run what must be green before a commit

.PHONY: bench
bench: ## compare the SDK with other clients: bench/RESULTS.md, docs/bench.svg; takes a quarter of an hour
	cd bench && $(GO) run .

.PHONY: bench-quick
bench-quick: ## bench in under two minutes, without the clients that take minutes to compile
	cd bench && $(GO) run . -quick

.PHONY: contract
contract: build ## run the contract on examples, simulator and recordings, and show what was skipped
	$(GO) test -count=1 ./contract_test
	bin/contract run
	bin/contract replay contract_test/testdata/recordings/*.json

.PHONY: contract-prism
contract-prism: build ## run the contract on Stoplight Prism: serving our document, before the simulator, serving UPSTREAM
	bin/contract prism

.PHONY: contract-live
contract-live: build ## run the contract on the live API, on the zone CONTRACT_ZONE_ID with CLOUDFLARE_API_TOKEN
	bin/contract live

.PHONY: contract-clean
contract-clean: build ## remove what a crashed live run has left
	bin/contract clean

.PHONY: nightly
nightly: build ## run all checks and write a report; UPSTREAM names upstream's document
	bin/nightly run

.PHONY: upgrade-check
upgrade-check: ## show what the newest code generator and its modules would change, in a copy
	$(GO) run ./internal/cmd/upgradecheck run

.PHONY: workflows-check
workflows-check: ## check the workflow files, and the example of one
	$(GO) run github.com/rhysd/actionlint/cmd/actionlint .github/workflows/*.yaml examples/github-action/*.yaml

.PHONY: contract-recordings
contract-recordings: ## record cloudflare-go v0 and v7 against the simulator again, for contract_test
	cd internal/foreign && RECORDINGS="$(CURDIR)/contract_test/testdata/recordings" $(GO) test -count=1 -run TestOperationsInMemory ./...
