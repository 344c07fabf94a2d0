#!/usr/bin/env bash
# npm in ui/, by whatever Node.js this machine has or gets.
set -euo pipefail
cd "$(dirname "$0")/.."
node=$(scripts/node.sh)
PATH=$node:$PATH
cd ui
exec npm "$@"
