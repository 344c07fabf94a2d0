#!/usr/bin/env bash
# pytest, one run at a time on this machine: a second one waits for the first, for side by side both are too slow.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=${TMPDIR:-/tmp}/flovify-pytest-$(id -u).lock
command -v flock >/dev/null || exec .venv/bin/pytest "$@"
flock --nonblock --close "$lock" true || printf '\033[2mtests:\033[0m another run holds %s; waiting for its end\n' "$lock"
# --close: what a test leaves running must not hold the lock.
exec flock --close "$lock" .venv/bin/pytest "$@"
