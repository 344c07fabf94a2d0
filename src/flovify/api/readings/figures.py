"""What is counted in the api's tables. The names stand in dashboards and alerts: they are kept."""

from __future__ import annotations

from flovify.common.readings.models import Figure

WAITING = Figure("flovify_queue_waiting_events", "Events in the queue, counted up to 100,000.")
LOGGED = Figure("flovify_intake_log_events", "Those among them that the worker has not carried into the inbox yet.")
DEAD = Figure("flovify_queue_dead_letters", "Dead letters that are open, counted up to 100,000.")
OLDEST = Figure("flovify_queue_oldest_due_seconds", "For how long the oldest event is due, 0 without one.")
OLDEST_SERVED = Figure(
    "flovify_queue_oldest_served_due_seconds", "The same, without mailboxes that are known to wait for some reason."
)
BLOCKED = Figure("flovify_mailboxes_blocked", "Mailboxes that wait for some reason, a passing one too.")
SUBSCRIPTIONS = Figure("flovify_subscriptions", "Subscriptions by state.", ("status",))
FAILING = Figure("flovify_subscriptions_failing", "Subscriptions whose last renewal or creation failed.")
SOONEST = Figure("flovify_subscription_soonest_expiry_seconds", "Until the next active subscription ends.")
GAPS = Figure("flovify_coverage_gaps_open", "Gaps that are not closed yet.")
OLDEST_GAP = Figure("flovify_coverage_oldest_gap_seconds", "How far back the oldest open gap reaches.")
SILENCE = Figure(
    "flovify_silence_seconds",
    "Since the last genuine notification, or since there is an active subscription; 0 without one.",
)
WORKERS = Figure("flovify_workers", "Workers that gave a sign of life within half a minute.")

FIGURES = (
    WAITING,
    LOGGED,
    DEAD,
    OLDEST,
    OLDEST_SERVED,
    BLOCKED,
    SUBSCRIPTIONS,
    FAILING,
    SOONEST,
    GAPS,
    OLDEST_GAP,
    SILENCE,
    WORKERS,
)
STATUSES = ("creating", "active", "failed", "polled")
