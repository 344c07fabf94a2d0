"""After Microsoft refused our own credential nobody asks for a while, unless an operator has put in another one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from flovify.common.clock import Clock

PAUSE_SECONDS = 30.0
Mark = Callable[[UUID], Awaitable[str]]


@dataclass(frozen=True)
class _Pause:
    until: float
    mark: str


class Pauses:
    """Kept by this process, for a registration or for a registration in one organisation.

    `mark` reads a text that changes with the registration's credentials: a pause ends with the change, whichever
    process made it.
    """

    def __init__(self, mark: Mark, clock: Clock) -> None:
        self._mark = mark
        self._clock = clock
        self._kept: dict[tuple[UUID, str], _Pause] = {}

    async def mark(self, registration_id: UUID) -> str:
        """To be read before Microsoft is asked, so that a rotation meanwhile is seen."""
        return await self._mark(registration_id)

    def begin(self, registration_id: UUID, organization: str, mark: str) -> None:
        """Pause for one organisation, or with "" for all of the registration's."""
        self._kept[registration_id, organization] = _Pause(self._clock.monotonic() + PAUSE_SECONDS, mark)

    async def holds(self, registration_id: UUID, organization: str) -> bool:
        """Whether nobody may ask now for this organisation, or with "" for any."""
        key = (registration_id, organization)
        pause = self._kept.get(key)
        if pause is None:
            return False
        if self._clock.monotonic() < pause.until and pause.mark == await self._mark(registration_id):
            return True
        self._kept.pop(key, None)
        return False

    def clear(self) -> None:
        """Forget all pauses."""
        self._kept.clear()
