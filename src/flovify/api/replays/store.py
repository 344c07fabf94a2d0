"""Replays in PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flovify.api.dead_letters.models import Selection
from flovify.api.replays.models import ItemRow, ItemState, ReplayRow, ReplayState
from flovify.common.db import Connection, Pool, Record, load_queries

_QUERIES = load_queries("flovify.api.replays")


@dataclass(frozen=True)
class Cause:
    """Chosen dead letters of one cause; `oldest_at` is when the first of them was received."""

    reason: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True)
class NewReplay:
    """What a replay is started with."""

    key: str
    filter: Mapping[str, object]
    per_second: int
    dry_run: bool
    started_by: str


class ReplayStore:
    """Reading replays, starting and steering them. What a worker does with one is in `steps`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def pool(self) -> Pool:
        """For a transaction around a change and what is noted about it."""
        return self._pool

    async def causes(self, chosen: Selection) -> tuple[Cause, ...]:
        """What is chosen, by cause, the largest first."""
        rows = await self._pool.fetch(_QUERIES["preview_causes"], *chosen.values())
        return tuple(Cause(row["reason"] or "", row["count"], row["oldest_at"]) for row in rows)

    async def accounts(self, chosen: Selection) -> dict[uuid.UUID, int]:
        """What is chosen, by account, the largest first."""
        rows = await self._pool.fetch(_QUERIES["preview_accounts"], *chosen.values())
        return {row["tenant_id"]: row["count"] for row in rows}

    async def waiting_mailboxes(
        self, tenant_ids: Collection[uuid.UUID], reasons: Collection[str]
    ) -> dict[uuid.UUID, str]:
        """Of these accounts, those whose mailbox waits for one of these reasons."""
        rows = await self._pool.fetch(_QUERIES["waiting_mailboxes"], list(tenant_ids), list(reasons))
        return {row["tenant_id"]: row["block_reason"] for row in rows}

    async def insert(
        self, connection: Connection, new: NewReplay, chosen: Selection, blocked: Collection[uuid.UUID]
    ) -> uuid.UUID | None:
        """Start a replay of what is chosen; None when its key is taken."""
        state = ReplayState.FINISHED if new.dry_run else ReplayState.RUNNING
        item_state = ItemState.PLANNED if new.dry_run else ItemState.PENDING
        replay_id: uuid.UUID | None = await connection.fetchval(
            _QUERIES["insert"], new.key, state.value, new.dry_run, dict(new.filter), new.per_second, new.started_by
        )
        if replay_id is not None:
            await connection.execute(
                _QUERIES["add_items"], replay_id, *chosen.values(), item_state.value, list(blocked)
            )
        return replay_id

    async def get(self, replay_id: uuid.UUID) -> ReplayRow | None:
        row = await self._pool.fetchrow(_QUERIES["get"], replay_id)
        return _replay(row) if row else None

    async def get_by_key(self, key: str) -> ReplayRow | None:
        row = await self._pool.fetchrow(_QUERIES["get_by_key"], key)
        return _replay(row) if row else None

    async def list(self, after: uuid.UUID | None, limit: int) -> list[ReplayRow]:
        """The last started first, after the one with this id."""
        return [_replay(row) for row in await self._pool.fetch(_QUERIES["list"], after, limit)]

    async def items(
        self, replay_id: uuid.UUID, state: ItemState | None, after: uuid.UUID | None, limit: int
    ) -> tuple[ItemRow, ...]:
        """A replay's dead letters in the order of arrival."""
        rows = await self._pool.fetch(_QUERIES["items"], replay_id, state.value if state else None, after, limit)
        return tuple(ItemRow(**{**row, "state": ItemState(row["state"])}) for row in rows)

    async def steer(
        self, connection: Connection, replay_id: uuid.UUID, to: ReplayState, among: Sequence[ReplayState]
    ) -> bool:
        """Into another state, if it is in one of `among`. A cancelled one's pending dead letters are left out."""
        found = await connection.fetchval(_QUERIES["steer"], replay_id, to.value, [state.value for state in among])
        if found is not None and to is ReplayState.CANCELLED:
            await connection.execute(_QUERIES["skip_pending"], replay_id)
        return found is not None


def _replay(row: Record) -> ReplayRow:
    fields: dict[str, Any] = dict(row)
    return ReplayRow(**{**fields, "state": ReplayState(row["state"])})
