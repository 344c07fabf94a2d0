"""What catching up counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

CAUGHT_UP = Counter("flovify_coverage_gaps_closed", "Gaps closed, by their first reason.", ("reason",))
RECOVERED = Counter("flovify_coverage_messages_recovered", "Messages found that no notification had announced.")
OPEN = Gauge("flovify_coverage_gaps_open", "Gaps that are not closed yet.")
OLDEST = Gauge("flovify_coverage_oldest_gap_seconds", "How far back the oldest open gap reaches.")
