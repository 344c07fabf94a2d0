"""What a queue engine must do. `tests/integration/api_flow/queue_conformance.py` is the suite that checks it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from flovify.api.queue.models import Depth, Event, Lease, NewEvent
from flovify.common.db import Connection


class Settlement(Protocol):
    """The end of one take: effects and verdicts that become real together, or not at all.

    Every event of the lease must get exactly one verdict; one without stays as it was taken and counts as a crash.
    """

    @property
    def connection(self) -> Connection:
        """For the effects: what is written through it is committed together with the verdicts."""
        ...

    async def finish(self, outcomes: Sequence[tuple[Event, str, str | None]]) -> None:
        """(event, outcome, reason): out of the queue, into the ledger."""
        ...

    async def retry(self, event: Event, delay_seconds: float, error_kind: str, error: str, *, spend: bool) -> None:
        """Due again later. With `spend` the attempt stays counted, else it is given back."""
        ...

    async def bury(self, event: Event, reason: str, error_kind: str, error: str) -> None:
        """To the dead letters, where it stays until it is replayed."""
        ...

    async def give_back(self, events: Sequence[Event], error_kind: str | None = None, error: str | None = None) -> None:
        """Due as before, the attempts not spent: the trouble was not theirs."""
        ...

    async def block(self, seconds: float, reason: str) -> None:
        """Let nobody take this mailbox for a while."""
        ...


class Queue(Protocol):
    """Events by mailbox: at most one worker has a mailbox, and only it can say what became of its events."""

    async def enqueue(self, events: Sequence[NewEvent]) -> int:
        """Store all or none, durably, and wake the workers. Known events are passed over; says how many were new."""
        ...

    async def take(self, owner: str, lease_seconds: float, limit: int = 20) -> Lease | None:
        """The free mailbox whose oldest due event is oldest, with at most `limit` of its due events, or None.

        Attempts are counted here, so that a crash counts. An event that was in the hands of a worker which died comes
        alone: if it is what kills workers, it takes no others along.
        """
        ...

    async def extend(self, lease: Lease, lease_seconds: float) -> bool:
        """Hold the mailbox for `lease_seconds` from now; False when it is another's already."""
        ...

    def settle(self, lease: Lease) -> AbstractAsyncContextManager[Settlement]:
        """Open the settlement of a lease; leaving the block commits and frees the mailbox, an exception undoes all.

        Raises FencedOut, and then nothing of the block was done.
        """
        ...

    async def depth(self) -> Depth:
        """How much waits, for metrics."""
        ...
