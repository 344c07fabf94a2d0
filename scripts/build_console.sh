#!/usr/bin/env bash
# Build the console into src/flovify/bff/console.
#   scripts/build_console.sh            fails when it cannot be built
#   scripts/build_console.sh --or-keep  keeps the one that is there already, with a warning
set -euo pipefail
cd "$(dirname "$0")/.."
built=src/flovify/bff/console/index.html

say() { printf '\033[2msetup:\033[0m %s\n' "$1"; }

build() { # `set -e` does not hold in the condition of an if, so each step says that it must succeed.
	if [ ! -e ui/node_modules/.package-lock.json ] || [ ui/package-lock.json -nt ui/node_modules/.package-lock.json ]; then
		say "the console's packages into ui/node_modules (from ui/package-lock.json)"
		scripts/npm.sh ci --no-audit --no-fund --loglevel=error --silent || return 1
		touch ui/node_modules/.package-lock.json
	fi
	say "building the console"
	# What it says is wanted only when something is wrong.
	said=$(scripts/npm.sh run --silent build 2>&1) || {
		printf '%s\n' "$said" >&2
		return 1
	}
}

if ! build; then
	[ -e "$built" ] && [ "${1:-}" = --or-keep ] || { printf 'setup: the console could not be built\n' >&2; exit 1; }
	printf 'setup: the console could not be built; the one that was built before is served\n' >&2
fi
