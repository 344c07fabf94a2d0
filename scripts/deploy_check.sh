#!/usr/bin/env bash
# What runs elsewhere, held to what can be checked here. The schemas of compose files and workflows: tests/unit/deploy.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/hadolint deploy/Dockerfile
.venv/bin/zizmor --quiet --offline --no-progress .github
