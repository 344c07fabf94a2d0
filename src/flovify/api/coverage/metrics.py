"""What catching up counts."""

from __future__ import annotations

from prometheus_client import Counter

CAUGHT_UP = Counter("flovify_coverage_gaps_closed", "Gaps closed, by their first reason.", ("reason",))
RECOVERED = Counter("flovify_coverage_messages_recovered", "Messages found that no notification had announced.")
