# Flovify: the two commands a newcomer needs are `make up` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Where this is set, each of our processes would compile all its modules anew, seconds at every start.
unexport PYTHONDONTWRITEBYTECODE
PYTEST_ARGS ?=
# Files are shared out over the workers, the long ones first. Tests wait as much as they compute: hence half as many
# workers again as there are cores.
WORKERS ?= $(shell echo $$(( ($$(nproc) * 3 + 1) / 2 )))
PARALLEL := -n $(WORKERS) --maxprocesses 6 --dist loadfile --no-loadscope-reorder
PYTEST := scripts/pytest.sh $(PARALLEL)
QUICK_FIGURES := tests/output/bench-quick.json

CONSOLE := src/flovify/bff/console/index.html
# Folders too, so that a file that went away counts.
CONSOLE_SOURCES := $(shell find ui/src ui/public -type d -o -type f ! -name '*.test.*') \
	ui/index.html ui/package.json ui/package-lock.json ui/vite.config.ts ui/tsconfig.json scripts/compress.mjs

.PHONY: help up setup setup-dev console test quick nightly check format unit ui-check ui-test ui-client pictures wheel bench bench-quick clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

up: setup ## Install what is needed and run everything on this machine (Ctrl-C stops it)
	@$(MAKE) --no-print-directory --silent console OR_KEEP=--or-keep
	@.venv/bin/flovify up

setup: .venv/.runtime ## Install the product into .venv

setup-dev: .venv/.dev ## Install the product, its tests' tools and a headless browser

.venv/.runtime: pyproject.toml uv.lock scripts/setup.sh
	@scripts/setup.sh runtime
	@touch $@

.venv/.dev: pyproject.toml uv.lock scripts/setup.sh
	@scripts/setup.sh dev
	@rm -f .venv/.nightly
	@touch $@ .venv/.runtime

.venv/.nightly: .venv/.dev
	@scripts/setup.sh nightly
	@touch $@

console: $(CONSOLE) ## Build the console, when its sources changed (needs Node.js, or gets it into .tools)

$(CONSOLE): $(CONSOLE_SOURCES) | .venv/.runtime
	@scripts/build_console.sh $(OR_KEEP)

# The checks side by side, then the tests alone: a browser beside other load is slow enough to look broken.
test: setup-dev console ## Run every check and every test
	@$(MAKE) --no-print-directory --output-sync=target -j2 check ui-check ui-test
	$(PYTEST) $(PYTEST_ARGS)

quick: setup-dev check ## While working: every check, the unit tests, and the integration tests of what has changed
	scripts/quick.sh $(PARALLEL) $(PYTEST_ARGS)

nightly: setup-dev console .venv/.nightly ## Load with its full numbers, made-up requests to every route, made-up bytes to every parser
	$(PYTEST) -m nightly $(PYTEST_ARGS)

check: setup-dev console ## Lint, formatting, types, import rules, the typed client, the image, compose files and workflows
	.venv/bin/ruff format --check src tests bench
	.venv/bin/ruff check src tests bench
	.venv/bin/mypy
	.venv/bin/lint-imports
	scripts/ui_client.sh --check
	scripts/deploy_check.sh

ui-check: console ## The console's types, lint rules and size budget
	scripts/npm.sh run --silent types
	scripts/npm.sh run --silent lint
	scripts/npm.sh run --silent size

ui-test: console ## The console's unit tests
	scripts/npm.sh run --silent test

ui-client: setup ## Write the console's typed client anew, after a route or a model has changed
	scripts/ui_client.sh

pictures: setup-dev console ## Take the documents' pictures anew from the running product (all pages stay in tests/output)
	rm -rf tests/output && mkdir -p tests/output
	FLOVIFY_PICTURES=tests/output scripts/pytest.sh tests/e2e/browser $(PYTEST_ARGS)
	for picture in docs/pictures/*.png; do cp "tests/output/$${picture##*/}" "$$picture"; done

wheel: setup console ## Build the wheel, with the console in it, into dist
	scripts/uv.sh build --wheel

unit: setup-dev ## Run the tests that need no database and no processes
	scripts/pytest.sh tests/unit $(PYTEST_ARGS)

format: setup-dev ## Format the code and mend what the linter can
	.venv/bin/ruff format src tests bench
	.venv/bin/ruff check --fix src tests bench

bench: ## Measure intake and drain as ratios of this machine's limits (see bench/README.md)
	@scripts/setup.sh bench
	.venv/bin/flovify bench intake
	.venv/bin/flovify bench drain

bench-quick: ## Every benchmark once and short, as a trial that they run (figures mean little)
	@scripts/setup.sh bench
	@mkdir -p tests/output && rm -f $(QUICK_FIGURES)
	.venv/bin/flovify bench intake --rounds 1 --seconds 2 --json $(QUICK_FIGURES)
	.venv/bin/flovify bench drain --rounds 1 --only "four at a time" --json $(QUICK_FIGURES)
	.venv/bin/flovify bench end-to-end --rounds 1 --seconds 2 --json $(QUICK_FIGURES)
	.venv/bin/flovify bench cost --rounds 1 --seconds 2 --json $(QUICK_FIGURES)
	.venv/bin/flovify bench startup --rounds 1 --json $(QUICK_FIGURES)
	.venv/bin/flovify bench memory --rounds 1 --seconds 5 --json $(QUICK_FIGURES)
	.venv/bin/flovify bench growth --rounds 2 --ledger 20000 --messages 10000 --waiting 2000 --mailboxes 200 --json $(QUICK_FIGURES) || [ $$? = 1 ]
	.venv/bin/flovify bench chart $(QUICK_FIGURES) tests/output/bench-quick.svg

clean: ## Remove what was installed and cached here; the data directory .flovify stays
	rm -rf ui/node_modules src/flovify/bff/console
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/output
