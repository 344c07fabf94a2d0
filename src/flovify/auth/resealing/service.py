"""After a leak: every owner gets a new data key, and all that was sealed with the old one is sealed anew.

Services go on meanwhile. Who writes a sealed value holds its owner's key until the value is committed, who reads one
reads its key in the same statement; so nobody meets a value and a key that do not belong together (decisions/0004).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from flovify.auth.audit.store import COMMAND_LINE, AuditLog
from flovify.auth.errors import VaultTampered
from flovify.auth.resealing.store import Order, ResealStore
from flovify.auth.resealing.tables import TABLES, SealedTable
from flovify.auth.vault.service import KeyChange, Vault
from flovify.common.db import Connection, Record
from flovify.common.errors import Conflict

AT_A_TIME = 50
Tell = Callable[[int, int], None]


@dataclass
class Resealed:
    """How far an order has come. The owners in `left_out` have a value that their old key does not open."""

    owners: int
    done: int
    left_out: list[UUID] = field(default_factory=list)


class Resealing:
    """Carries out one order at a time; a second process with another one does no harm."""

    def __init__(self, store: ResealStore, vault: Vault, audit: AuditLog) -> None:
        self._store = store
        self._vault = vault
        self._audit = audit

    async def run(self, tell: Tell, *, resume: bool = False) -> Resealed:
        """Replace all data keys older than now, or, to `resume`, than the last order that was not finished.

        `tell` is called with the owners done and all owners, first and then every fifty. An owner with a value that
        cannot be opened is left as it is and the order stays unfinished. Raises Conflict without an order to resume.
        """
        order = await self._order(resume=resume)
        owners, stale = await self._vault.count_stale(order.started_at)
        state = Resealed(owners, owners - stale)
        tell(state.done, state.owners)
        # Once more for what was being written while its place in the list was passed.
        while await self._pass(order, state, tell):
            state.left_out.clear()
        if not state.left_out:
            await self._store.transact(lambda connection: self._finish(order, state, connection))
        return state

    async def _order(self, *, resume: bool) -> Order:
        if not resume:
            return await self._store.add_order()
        order = await self._store.last_order()
        if order is None:
            raise Conflict("there is nothing to resume: the last order was finished, or there was none")
        return order

    async def _pass(self, order: Order, state: Resealed, tell: Tell) -> int:
        """Every owner that is still to do, once; how many were done."""
        before, after = state.done, None
        while found := await self._vault.stale_owners(order.started_at, after, AT_A_TIME):
            for owner in found:
                try:
                    state.done += await self._reseal(owner, order)
                except VaultTampered:
                    state.left_out.append(owner)
            tell(state.done, state.owners)
            after = found[-1]
        return state.done - before

    async def _reseal(self, owner: UUID, order: Order) -> bool:
        """All of one owner's in one transaction; False when it was done already."""

        async def work(connection: Connection) -> bool:
            change = await self._vault.replace_key(owner, order.started_at, connection)
            if change is None:
                return False
            for table in TABLES:
                for row in await self._store.rows(table, owner, connection):
                    await self._store.write(table, row, _sealed_anew(table, row, owner, change), connection)
            return True

        return await self._store.transact(work)

    async def _finish(self, order: Order, state: Resealed, connection: Connection) -> None:
        if await self._store.finish_order(order.id, connection):
            details = {"owners": state.done, "order": order.id, "begun": order.started_at.isoformat()}
            await self._audit.record(COMMAND_LINE, "keys.resealed", "data keys", details, connection)


def _sealed_anew(table: SealedTable, row: Record, owner: UUID, change: KeyChange) -> list[str | None]:
    return [
        None if row[column] is None else change.reseal(row[column], place(owner, row))
        for column, place in table.places.items()
    ]
