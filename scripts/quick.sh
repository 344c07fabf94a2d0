#!/usr/bin/env bash
# The unit tests, and the integration tests of what has changed since origin/main (without one: since the last commit).
set -euo pipefail
cd "$(dirname "$0")/.."
base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
[ "$base" != "$(git rev-parse HEAD)" ] || git diff --quiet HEAD || base=HEAD

folders_of() { # folders_of <changed file>: where its tests are
	case $1 in
	src/flovify/api/*) echo tests/integration/api_flow tests/integration/api_graph ;;
	src/flovify/auth/*) echo tests/integration/auth ;;
	src/flovify/bff/*) echo tests/integration/bff ;;
	src/flovify/sandbox/*) echo tests/integration/sandbox_entra tests/integration/sandbox_graph tests/integration/sandbox_tls ;;
	src/flovify/common/*) echo tests/integration/common ;;
	src/flovify/cli/up/*) echo tests/integration/up ;;
	*/migrations/*) echo tests/migration ;;
	tests/integration/*/*) dirname "$1" ;;
	tests/migration/*) echo tests/migration ;;
	esac
}

changed=$({ git diff --name-only "$base"; git ls-files --others --exclude-standard; } | sort -u)
folders=$(for file in $changed; do folders_of "$file"; done | tr ' ' '\n' | sort -u)
printf '\033[2mquick:\033[0m unit tests%s\n' "${folders:+ and} $(echo $folders)"
exec scripts/pytest.sh -q "$@" tests/unit $folders
