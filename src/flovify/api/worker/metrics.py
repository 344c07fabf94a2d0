"""What each worker counts for itself; what is counted once for all is in `api/readings`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

FETCH_SECONDS = Histogram(
    "ms365_fetch_latency_seconds",
    "From asking Graph for the messages of one take to having them.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
EVENTS = Counter("flovify_worker_events", "Events by what became of them in one take.", ("outcome",))
TROUBLES = Counter("flovify_worker_troubles", "Failures by kind and reason.", ("kind", "reason"))
FENCED_OUT = Counter("flovify_worker_fenced_out", "Results dropped because the mailbox had gone to another worker.")
LEASES = Gauge("flovify_worker_leases_held", "Mailboxes this process is working on.")
EVENT_AGE = Histogram(
    "flovify_worker_event_age_seconds",
    "From receiving a notification to settling it.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
MISSED = Counter("flovify_missed_notifications", "Lifecycle notices that Graph could not deliver changes.")
