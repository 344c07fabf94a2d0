"""Giving dead letters up and taking that back; each is noted in the audit log, in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flovify.api.audit.store import AuditLog
from flovify.api.dead_letters.models import Replay, Selection
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.common.jwt import Principal

_MANY = "several"


class DeadLetterService:
    """What operators do with dead letters."""

    def __init__(self, store: DeadLetterStore, audit: AuditLog) -> None:
        self.store = store
        self._audit = audit

    async def replay(self, principal: Principal | None, event_id: uuid.UUID) -> Replay | None:
        """Have one done again; None when there is, and was, no such dead letter."""
        found = await self.store.replay(event_id)
        if found is not None:
            await self._audit.record(principal, "dead_letter.replayed", "dead letter", str(event_id))
        return found

    async def discard(self, principal: Principal | None, chosen: Selection, why: str) -> int:
        """Give up what is chosen; says how many that were."""
        who = principal.email if principal else "system"
        async with self.store.pool.acquire() as connection, connection.transaction():
            count = await self.store.discard(connection, chosen, who, why)
            details = {"count": count, "reason": why, **describe(chosen)}
            await self._audit.record(
                principal, "dead_letter.discarded", "dead letter", _subject(chosen.ids), details, connection=connection
            )
        return count

    async def restore(self, principal: Principal | None, event_ids: Sequence[uuid.UUID]) -> int:
        """Take discarding back; says of how many."""
        async with self.store.pool.acquire() as connection, connection.transaction():
            count = await self.store.restore(connection, event_ids)
            await self._audit.record(
                principal,
                "dead_letter.restored",
                "dead letter",
                _subject(event_ids),
                {"count": count},
                connection=connection,
            )
        return count


def describe(chosen: Selection) -> dict[str, object]:
    """A selection for the audit log and for a replay's row: what was looked for, and how many were named."""
    wanted: dict[str, object] = {}
    if chosen.ids is not None:
        wanted["ids"] = len(chosen.ids)
    if chosen.reason is not None:
        wanted["cause"] = chosen.reason
    if chosen.tenant_id is not None:
        wanted["tenant_id"] = str(chosen.tenant_id)
    if chosen.since is not None:
        wanted["since"] = chosen.since.isoformat()
    return wanted


def _subject(event_ids: Sequence[uuid.UUID] | None) -> str:
    return str(event_ids[0]) if event_ids is not None and len(event_ids) == 1 else _MANY
