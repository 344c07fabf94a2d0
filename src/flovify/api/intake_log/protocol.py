"""What stands between the intake and the inbox, whichever engine it is.

The intake writes with a `Front`, the mover carries with a `Back`. PostgreSQL is both by itself: there, reading,
committing and taking out of the log are one statement (`store.py`). Another `Engine` only keeps bytes; its `Source`
gives them out until they are acknowledged, and `carrier.py` makes a `Back` of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flovify.api.intake_log.models import Carried, EventRow, LogDepth


class Front(Protocol):
    """Makes groups durable, one at a time."""

    async def write(self, rows: Sequence[EventRow]) -> None:
        """Return once the group is durable.

        Raises RowsRefused when at least one row is at fault, and NotStored otherwise: then the outcome is unknown, and
        the same events must be offered again.
        """

    async def close(self) -> None:
        """Let go of what it holds; `write` may be called again."""


class Back(Protocol):
    """Carries groups into the inbox; any number of workers do it side by side."""

    async def carry(self, groups: int, events: int) -> Carried:
        """So many groups at most, and no further one after so many events.

        Raises one of ROWS_AT_FAULT when the inbox refuses an event: then none of them is carried. Raises EngineAway.
        """

    async def carry_singly(self, groups: int) -> int:
        """Each group by itself, those refused before too; says how many stay because of refusal."""

    async def wait(self, wake: asyncio.Event, seconds: float) -> None:
        """Until there may be something to carry, but not much longer than `seconds`. Raises EngineAway."""

    async def depth(self) -> LogDepth:
        """How much waits, as far as the engine tells. Raises EngineAway."""

    async def close(self) -> None:
        """Let go of what was read and not carried."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A group as an engine gives it out. `handle` is how the engine knows it; `events` 0 where it does not say."""

    handle: object
    body: bytes
    events: int = 0
    refused: bool = False


class Source(Protocol):
    """An engine's way out. What is not acknowledged is given out again, after a crash to whoever is left.

    All of it raises EngineAway, and connects anew the next time.
    """

    async def read(self, most: int, seconds: float) -> list[Delivery]:
        """The next groups; waits for the first one for so long."""

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """They are in the inbox: forget them."""

    async def refuse(self, delivery: Delivery, reason: str) -> None:
        """Put it aside, where it holds nobody up and people find it; one that is there already stays there."""

    async def refused(self, most: int) -> list[Delivery]:
        """What was put aside, to be tried again: each is then acknowledged or refused once more."""

    async def depth(self) -> LogDepth: ...

    async def close(self) -> None: ...


class Engine(Protocol):
    """One engine, as the settings name it."""

    async def check(self) -> None:
        """Make what has to be there. Raises SettingError where it is not as durable as it must be, and EngineAway."""

    async def ready(self) -> None:
        """Pass if it answers; raises EngineAway."""

    async def depth(self) -> LogDepth:
        """How much waits, as far as it tells. Raises EngineAway."""

    def front(self) -> Front: ...

    def source(self) -> Source: ...

    async def close(self) -> None:
        """Close what `check`, `ready` and `depth` use; fronts and sources are their makers' to close."""
