"""The audit log in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from flovify.common import caller, correlation
from flovify.common.audit.models import EXPORTED, ActorKind, AuditFilter, Entry, Outcome
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.jwt import Principal
from flovify.common.like import anywhere

_QUERIES = load_queries("flovify.api.audit")
SYSTEM = "system"


class AuditLog:
    """Adds to api.audit_log and reads it. Details never hold a secret, nor anything of a message's content."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(
        self,
        principal: Principal | None,
        action: str,
        subject_kind: str,
        subject: str,
        details: Mapping[str, object] | None = None,
        outcome: Outcome | str = Outcome.SUCCESS,
        address: str | None = None,
        connection: Connection | None = None,
        ordered_by: str = SYSTEM,
    ) -> None:
        """Add an entry, inside the caller's transaction where a connection is given.

        `principal` None means that the service did it, by itself or because somebody had ordered it, whose address is
        `ordered_by` then. The request's correlation id is noted, and the caller's address also where it is not given.
        """
        actor = principal.email if principal else ordered_by
        kind = ActorKind.SYSTEM if actor == SYSTEM else ActorKind.USER
        await (connection or self._pool).execute(
            _QUERIES["record"],
            actor,
            kind.value,
            action,
            subject,
            subject_kind,
            Outcome(outcome).value,
            address or caller.current_address(),
            dict(details or {}),
            correlation.current(),
        )

    async def list(self, wanted: AuditFilter, before: int | None, limit: int) -> tuple[Entry, ...]:
        """The last entries first, before the one with this id."""
        rows = await self._pool.fetch(
            _QUERIES["list"],
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

    async def note_export(self, principal: Principal, wanted: AuditFilter, address: str | None) -> None:
        """An export is an entry of its own."""
        await self.record(principal, EXPORTED, "audit log", "csv", wanted.as_dict(), address=address)
