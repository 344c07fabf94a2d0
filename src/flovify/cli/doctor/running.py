"""All checks side by side, each with its own deadline, so that one that hangs or breaks costs nothing but itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from flovify.cli.doctor.models import Check, NotLookedAt, Results, Unit

# How many have ended, how many there are, and what is still looked at.
Progress = Callable[[int, int, Sequence[str]], None]
_OWN_FAULT = "This is a fault of the check itself: report it, with the file of `flovify doctor --bundle`."
_HUNG = "Whatever it asks does not answer. Try again, and look at the network between here and there."


class Running:
    """One run of the doctor."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open: dict[int, str] = {}
        self._all = 0

    async def run(self, units: Sequence[Unit]) -> list[Check]:
        """Everything that was found, in the order of the units and not of their ends."""
        found = await asyncio.gather(*(self._one(unit) for unit in units))
        return [check for checks in found for check in checks]

    async def _one(self, unit: Unit) -> list[Check]:
        self._open[id(unit)] = unit.say.subject
        self._all += 1
        self._tell()
        results = await outcome(unit)
        del self._open[id(unit)]
        self._tell()
        checks = [one for one in results if isinstance(one, Check)]
        return checks + await self.run([one for one in results if isinstance(one, Unit)])

    def _tell(self) -> None:
        self._progress(self._all - len(self._open), self._all, sorted(set(self._open.values())))


async def outcome(unit: Unit) -> Results:
    """What a unit finds; never an exception, and never later than its deadline."""
    deadline = asyncio.timeout(unit.seconds)
    try:
        async with deadline:
            return await unit.work(unit.say)
    except NotLookedAt as skipped:
        return [unit.say.skipped(unit.name, skipped.why, skipped.mend)]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are worth their lines
        if deadline.expired():
            return [unit.say.failed(unit.name, f"no end after {unit.seconds:g} seconds", _HUNG)]
        return [unit.say.failed(unit.name, f"the check broke off ({type(error).__name__})", _OWN_FAULT)]
