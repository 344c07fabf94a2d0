"""What the listeners count."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

OPEN = Gauge("flovify_listener_connections", "Connections open.", ("listener",))
REFUSED = Counter(
    "flovify_listener_refused",
    "Connections and requests refused or given up, by reason: header_slow, header_large, body_slow, body_large, "
    "answer_slow, malformed, per_address, full (given up for a newcomer, or not let in).",
    ("listener", "reason"),
)
