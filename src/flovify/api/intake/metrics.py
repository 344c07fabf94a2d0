"""What the intake counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from flovify.common.metrics import ANSWER_BUCKETS

STATUS = Counter("ms365_webhook_status", "Answers of the webhook by status code.", ("status",))
# From the start, so that the first one counts as a rise.
for _status in ("200", "202", "400", "405", "408", "413", "415", "503"):
    STATUS.labels(_status)
NOTIFICATIONS = Counter(
    "flovify_webhook_notifications",
    "Notifications by what became of them: accepted, or dropped and why.",
    ("result",),
)
ACCEPTED = NOTIFICATIONS.labels("accepted")
DIFFERENCES = Counter(
    "flovify_webhook_differences",
    "Genuine notifications with a field that is another than the subscription's.",
    ("field",),
)
REHASHED = Counter("flovify_client_states_rehashed", "Secrets brought under the first key when they arrived.")
CLOSED = Gauge("flovify_webhook_closed", "1 while nothing is taken, by why: disk or depth.", ("reason",))
DISK_FREE = Gauge("flovify_disk_free_bytes", "Room left beside the data; nan where that is on another machine.")
DISK_LEAST = Gauge("flovify_disk_least_free_bytes", "With less room than this nothing is taken; 0: whatever is left.")
SECONDS = Histogram(
    "flovify_webhook_answer_seconds",
    "From the request's head to the answer.",
    buckets=ANSWER_BUCKETS,
)
GROUP_EVENTS = Histogram(
    "flovify_webhook_group_events", "Events committed together.", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
