"""How long a subscription's life to ask for."""

from __future__ import annotations

# Outlook gives 10,080 minutes (graph/api/resources/subscription, 2026-09-17). Before about 2024 it gave 4,230, and was
# still seen to refuse more in August 2026. 1,440 is the limit with resource data; Graph raises less than 45.
STEPS_MINUTES = (10_000, 4_200, 1_400, 60)


def steps(max_minutes: int | None = None) -> tuple[int, ...]:
    """Lifetimes in minutes to ask for, longest first; `max_minutes` is what a refusal named as the limit."""
    if max_minutes is None:
        return STEPS_MINUTES
    # A little less than the limit: Graph counts from its own clock, later than ours by the way to it.
    named = max(45, max_minutes - 5)
    return (named, *(step for step in STEPS_MINUTES if step < named))
