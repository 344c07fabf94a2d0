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

.PHONY: help up setup setup-dev test quick nightly check format unit bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

up: setup ## Install what is needed and run everything on this machine (Ctrl-C stops it)
	@.venv/bin/flovify up

setup: .venv/.runtime ## Install the product into .venv

setup-dev: .venv/.dev ## Install the product, its tests' tools and a headless browser

.venv/.runtime: pyproject.toml uv.lock scripts/setup.sh
	@scripts/setup.sh runtime
	@touch $@

.venv/.dev: pyproject.toml uv.lock scripts/setup.sh
	@scripts/setup.sh dev
	@touch $@ .venv/.runtime

test: setup-dev check ## Run every check and every test
	$(PYTEST) $(PYTEST_ARGS)

quick: setup-dev check ## While working: every check, the unit tests, and the integration tests of what has changed
	scripts/quick.sh $(PARALLEL) $(PYTEST_ARGS)

nightly: setup-dev ## The tests of load alone, with their full numbers
	$(PYTEST) -m nightly $(PYTEST_ARGS)

check: setup-dev ## Lint, formatting, types and import rules
	.venv/bin/ruff format --check src tests bench
	.venv/bin/ruff check src tests bench
	.venv/bin/mypy
	.venv/bin/lint-imports

unit: setup-dev ## Run the tests that need no database and no processes
	scripts/pytest.sh tests/unit $(PYTEST_ARGS)

format: setup-dev ## Format the code and mend what the linter can
	.venv/bin/ruff format src tests bench
	.venv/bin/ruff check --fix src tests bench

bench: ## Measure intake and drain as ratios of this machine's limits (see bench/README.md)
	@scripts/setup.sh bench
	.venv/bin/flovify bench intake
	.venv/bin/flovify bench drain

clean: ## Remove what was installed and cached here; the data directory .flovify stays
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/output
