#!/usr/bin/env bash
# What the wheel needs to run, from the lock file, as CycloneDX.   scripts/sbom.sh FILE
set -euo pipefail
mkdir -p "$(dirname "$1")"
"$(dirname "$0")/uv.sh" export --quiet --frozen --no-default-groups --preview-features sbom-export --format cyclonedx1.5 --output-file "$1" >/dev/null
