"""Who did what. Rows can only be added."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flovify.common.db import Connection, Pool, load_queries


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
    ) -> None:
        """Add a row, inside the caller's transaction where a connection is given."""
        await (connection or self._pool).execute(self._sql["record"], actor, action, subject, dict(details or {}))

    async def count_handout(self, tenant_id: UUID) -> None:
        """Count a token about to be handed to another service, before it is handed out.

        A count for each tenant and minute instead of a row for each token: workers ask thousands of times an hour, and
        "how many, for whom, when" is what an investigation needs.
        """
        await self._pool.execute(self._sql["count_handout"], tenant_id)

    async def delete_old_handouts(self) -> None:
        """Counts are kept for ninety days; the log itself stays."""
        await self._pool.execute(self._sql["delete_old_handouts"])
