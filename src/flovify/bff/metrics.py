"""What the front door counts: answers as Microsoft and browsers see them, also where no service behind it answers."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from flovify.common.metrics import ANSWER_BUCKETS

REQUESTS = Counter(
    "flovify_front_requests", "Answers of the front door by status code, without the webhook's.", ("status",)
)
WEBHOOK_ANSWERS = Counter("flovify_front_webhook_answers", "Answers to Microsoft by status code.", ("status",))
# From the start, so that the first one counts as a rise.
for _status in ("200", "202", "400", "405", "408", "413", "415", "503"):
    WEBHOOK_ANSWERS.labels(_status)
WEBHOOK_SECONDS = Histogram(
    "flovify_front_webhook_answer_seconds",
    "From the request's head to the answer, as Microsoft waits for it.",
    buckets=ANSWER_BUCKETS,
)
