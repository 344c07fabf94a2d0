#!/usr/bin/env bash
# The console's typed client, from what the services say of themselves.
#   scripts/ui_client.sh          writes ui/openapi and ui/src/lib/api/generated
#   scripts/ui_client.sh --check  writes nothing, and fails when that would change something
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -d ui/node_modules ]; then
	printf 'the packages of the console are not installed: run make console\n' >&2
	exit 1
fi
node=$(scripts/node.sh)
PATH=$node:$PATH

generate() { # generate <folder of the console's sources>
	mkdir -p "$1/openapi"
	for service in auth api; do
		.venv/bin/flovify openapi "$service" >"$1/openapi/$service.json.new"
		mv "$1/openapi/$service.json.new" "$1/openapi/$service.json"
	done
	(cd "$1" && npm run --silent generate >/dev/null)
}

if [ "${1:-}" != --check ]; then
	generate ui
	exit
fi
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -C ui --exclude=./node_modules -cf - . | tar -C "$copy" -xf -
ln -s "$PWD/ui/node_modules" "$copy/node_modules"
generate "$copy"
for made in openapi src/lib/api/generated; do
	diff -rq "ui/$made" "$copy/$made" || {
		printf 'ui/%s is not what the services say of themselves: run make ui-client\n' "$made" >&2
		exit 1
	}
done
