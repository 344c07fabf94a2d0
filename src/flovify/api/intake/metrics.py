"""What the intake counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

STATUS = Counter("ms365_webhook_status", "Answers of the webhook by status code.", ("status",))
NOTIFICATIONS = Counter(
    "flovify_webhook_notifications",
    "Notifications by what became of them: accepted, or dropped and why.",
    ("result",),
)
DIFFERENCES = Counter(
    "flovify_webhook_differences",
    "Genuine notifications with a field that is another than the subscription's.",
    ("field",),
)
REHASHED = Counter("flovify_client_states_rehashed", "Secrets brought under the first key when they arrived.")
CLOSED = Gauge("flovify_webhook_closed", "1 while nothing is taken, by why: disk or depth.", ("reason",))
SECONDS = Histogram(
    "flovify_webhook_answer_seconds",
    "From the request's head to the answer.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
GROUP_EVENTS = Histogram(
    "flovify_webhook_group_events", "Events committed together.", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
EVENTS_ADDED = Counter("flovify_webhook_events_added", "Events that were new: neither waiting nor settled already.")
