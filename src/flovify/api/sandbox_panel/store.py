"""Breakages in PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flovify.api.sandbox_panel.models import KeptBreakage
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.sandbox_panel")


class BreakageStore:
    """Rows of api.sandbox_breakages: what is broken now."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(self) -> tuple[KeptBreakage, ...]:
        """The oldest first."""
        return tuple(KeptBreakage(**dict(row)) for row in await self._pool.fetch(_QUERIES["list"]))

    async def get(self, breakage_id: uuid.UUID) -> KeptBreakage | None:
        row = await self._pool.fetchrow(_QUERIES["get"], breakage_id)
        return KeptBreakage(**dict(row)) if row else None

    async def find(self, kind: str, tenant_id: uuid.UUID | None) -> KeptBreakage | None:
        """The breakage of this kind of this account, or of everything."""
        row = await self._pool.fetchrow(_QUERIES["find"], kind, tenant_id)
        return KeptBreakage(**dict(row)) if row else None

    async def add(self, kind: str, tenant_id: uuid.UUID | None, actor: str, undo: Mapping[str, object]) -> KeptBreakage:
        row = await self._pool.fetchrow(_QUERIES["add"], uuid.uuid4(), kind, tenant_id, actor, dict(undo))
        if row is None:
            raise LookupError("INSERT … RETURNING without a row")
        return KeptBreakage(**dict(row))

    async def change(self, breakage_id: uuid.UUID, undo: Mapping[str, object]) -> None:
        await self._pool.execute(_QUERIES["change"], breakage_id, dict(undo))

    async def delete(self, breakage_id: uuid.UUID) -> None:
        await self._pool.execute(_QUERIES["delete"], breakage_id)

    async def let_expire(self, row_id: uuid.UUID) -> None:
        """Have a subscription's row say that it is over."""
        await self._pool.execute(_QUERIES["let_expire"], row_id)
