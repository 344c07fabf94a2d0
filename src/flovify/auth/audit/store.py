"""Who did what. Rows can only be added."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flovify.common import caller, correlation
from flovify.common.audit.models import EXPORTED, ActorKind, AuditFilter, Entry, Outcome
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.jwt import Principal
from flovify.common.like import anywhere

COMMAND_LINE = "command line"
SYSTEM = "system"
_KINDS = {COMMAND_LINE: ActorKind.COMMAND_LINE, SYSTEM: ActorKind.SYSTEM}


class AuditLog:
    """The only caller of audit/queries.sql. Details never hold a secret."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.audit")

    async def record(
        self,
        actor: str,
        action: str,
        subject: str,
        details: Mapping[str, object] | None = None,
        connection: Connection | None = None,
        outcome: Outcome = Outcome.SUCCESS,
    ) -> None:
        """Add a row, inside the caller's transaction where a connection is given.

        `action` is what `subject` is, a dot, and what was done. `actor` is a user's address, or one of the names above.
        The caller's address and correlation id are noted by themselves.
        """
        await (connection or self._pool).execute(
            self._sql["record"],
            actor,
            _KINDS.get(actor, ActorKind.USER).value,
            action,
            subject,
            action.partition(".")[0],
            outcome.value,
            caller.current_address(),
            dict(details or {}),
            correlation.current(),
        )

    async def list(self, wanted: AuditFilter, before: int | None, limit: int) -> tuple[Entry, ...]:
        """The last entries first, before the one with this id."""
        rows = await self._pool.fetch(
            self._sql["list"],
            before,
            wanted.actor,
            wanted.action,
            wanted.subject,
            wanted.outcome.value if wanted.outcome else None,
            wanted.since,
            wanted.until,
            anywhere(wanted.q) if wanted.q else None,
            limit,
        )
        return tuple(Entry(**row) for row in rows)

    async def note_export(self, principal: Principal, wanted: AuditFilter, _address: str | None) -> None:
        """An export is an entry of its own."""
        await self.record(principal.email, EXPORTED, "csv", wanted.as_dict())

    async def note_denied(self, actor: str, call: str) -> None:
        """Somebody asked for what his role does not allow."""
        await self.record(actor, "access.denied", call, outcome=Outcome.DENIED)

    async def count_handout(self, tenant_id: UUID) -> None:
        """Count a token about to be handed to another service, before it is handed out.

        A count for each tenant and minute instead of a row for each token: workers ask thousands of times an hour, and
        "how many, for whom, when" is what an investigation needs.
        """
        await self._pool.execute(self._sql["count_handout"], tenant_id)

    async def delete_old_handouts(self) -> None:
        """Counts are kept for ninety days; the log itself stays."""
        await self._pool.execute(self._sql["delete_old_handouts"])
