"""What the mover counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

EVENTS_ADDED = Counter("flovify_webhook_events_added", "Events carried into the inbox that were not in it yet.")
CARRY_SECONDS = Histogram(
    "flovify_intake_log_seconds",
    "For how long the oldest event of a step had waited in the intake's log.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
)
REFUSED = Gauge("flovify_intake_log_refused_groups", "Groups that the inbox refused at the last look.")
