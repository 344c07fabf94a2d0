"""Looks at the figures once a minute, keeps what is wrong, and tells it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from flovify.api.alerts.models import Seen
from flovify.api.alerts.rules import judge
from flovify.api.alerts.store import AlertStore
from flovify.api.alerts.ways import NotTaken, Way
from flovify.api.alerts.words import compose
from flovify.api.system.models import Check
from flovify.api.system.store import DISK, INTAKE, SystemStore
from flovify.common.clock import Clock
from flovify.common.errors import Unavailable
from flovify.common.logs import get_logger
from flovify.common.readings.models import Reading

EVERY_SECONDS = 60.0
# Whoever finds something bad says so every few seconds.
_FRESH = timedelta(minutes=1)
Read = Callable[[], Awaitable[Reading | None]]


class AlertsNotSent(Exception):
    """A receiver did not take what it is to be told; it is tried again with the next look."""


class Alerts:
    """`read_api` gives the api's figures, `ask_auth` auth's; the latter raises Unavailable while auth is away."""

    def __init__(
        self,
        store: AlertStore,
        system: SystemStore,
        read_api: Read,
        ask_auth: Read,
        ways: Sequence[Way],
        clock: Clock,
    ) -> None:
        self._store = store
        self._system = system
        self._read_api = read_api
        self._ask_auth = ask_auth
        self._ways = ways
        self._clock = clock

    async def run(self) -> None:
        """Look, and tell what is due: at least once.

        A word counts as told when the receiver has said that it took it. A process that dies between the two tells it
        twice. Raises AlertsNotSent after all ways were tried.
        """
        await self._store.note(judge(await self._look()), self._clock.now())
        failed = [way.name for way in self._ways if not await self._tell(way)]
        if failed:
            raise AlertsNotSent(", ".join(failed))

    async def _look(self) -> Seen:
        auth, answers = await self._auth()
        return Seen(
            at=self._clock.now(),
            api=await self._read_api(),
            auth=auth,
            auth_answers=answers,
            closed=await self._bad(INTAKE, "The intake is closed: "),
            disk=await self._bad(DISK),
        )

    async def _auth(self) -> tuple[Reading | None, bool]:
        try:
            return await self._ask_auth(), True
        except Unavailable as error:
            get_logger().warning("alerts_without_auth", error=error.problem_code)
            return None, False

    async def _bad(self, name: str, before: str = "") -> str:
        """The first sentence of a check that is bad now; "" of one that is well, or that nobody repeats."""
        check = await self._system.check(name)
        if check is None or check.ok or not _is_fresh(check, await self._system.now()):
            return ""
        said = check.detail.partition(". ")[0]
        return f"{before}{said[:1].lower()}{said[1:]}" if before else said

    async def _tell(self, way: Way) -> bool:
        """False where there was something to tell and the receiver did not take it."""
        due = await self._store.due(way.name, self._clock.now())
        if not due:
            return True
        try:
            await way.send(compose(due))
        except NotTaken as error:
            get_logger().warning("alerts_not_taken", way=way.name, alerts=len(due), reason=str(error))
            return False
        await self._store.took(way.name, due, self._clock.now())
        get_logger().info("alerts_told", way=way.name, alerts=[f"{one.name} {one.state}" for one in due])
        return True


def _is_fresh(check: Check, now: datetime) -> bool:
    return now - check.at < _FRESH
