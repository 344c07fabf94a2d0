#!/usr/bin/env bash
# The uv that `make setup` found or installed.
set -euo pipefail
tools=$(dirname "$0")/../.tools/bin/uv
if [ -x "$tools" ]; then exec "$tools" "$@"; else exec uv "$@"; fi
