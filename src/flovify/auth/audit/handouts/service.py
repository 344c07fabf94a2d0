"""Raises an alarm about unusual hand-outs of tokens."""

from __future__ import annotations

from prometheus_client import Counter

from flovify.auth.audit.handouts.rules import Kind, Minute, unusual
from flovify.auth.audit.handouts.store import HandoutStore
from flovify.auth.audit.store import SYSTEM, AuditLog
from flovify.common.audit.models import Outcome
from flovify.common.logs import get_logger

UNUSUAL = "tokens.unusual"
# Twice a minute, so that no minute is passed over; the second look at one is silenced as a repetition.
EVERY_SECONDS = 30.0
QUIET_SECONDS = 3600.0
ALARMS = Counter("flovify_auth_unusual_handouts_total", "Alarms about hand-outs of tokens", ["kind"])
# From the start, so that the first one counts as a rise.
for _kind in Kind:
    ALARMS.labels(_kind.value)


class HandoutWatch:
    """For one process at a time."""

    def __init__(self, store: HandoutStore, audit: AuditLog) -> None:
        self._store = store
        self._audit = audit

    async def run(self) -> None:
        """Judge the last full minute. An alarm is repeated after an hour at the soonest."""
        for minute in unusual(await self._store.minutes(await self._store.last_minute())):
            if not await self._store.alarmed_lately(UNUSUAL, minute.subject, QUIET_SECONDS):
                await self._alarm(minute)

    async def _alarm(self, minute: Minute) -> None:
        usual = minute.usual.median if minute.usual else 0.0
        details = {"kind": minute.kind.value, "count": minute.count, "usual": usual}
        # A failure: the hand-outs did not pass the check, and that is how an administrator finds it.
        await self._audit.record(SYSTEM, UNUSUAL, minute.subject, details, outcome=Outcome.FAILURE)
        ALARMS.labels(minute.kind.value).inc()
        get_logger().warning("unusual_handouts", subject=minute.subject, **details)
