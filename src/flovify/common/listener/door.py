"""Who is let in at one listener, who must go for whom, and the one timer that closes what is late.

A timer of its own for each connection, or even for each request, would be a measurable part of what a notification
costs; one look at all of them a few times a second is not.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from operator import itemgetter
from typing import TYPE_CHECKING

from flovify.common.listener import metrics
from flovify.common.listener.addresses import share_of
from flovify.common.listener.limits import Limits
from flovify.common.listener.phases import BODY, WAITING
from flovify.common.listener.refusals import FULL, PER_ADDRESS, Refusal
from flovify.common.logs import get_logger

if TYPE_CHECKING:
    from flovify.common.listener.protocol import GuardedProtocol

# At most so many refused clients are given time to read why; in a flood the rest is cut off without words.
MAX_LINGERING = 128
# When a look found nobody, for so long nobody is looked for again.
_NOBODY_SECONDS = 0.05
# Thousands that came together are late together: they are closed by and by, so that nobody else waits for that.
_EXPIRED_AT_ONCE = 100
_SOON_SECONDS = 0.005
_TELL_SECONDS = 10.0
_SINCE = itemgetter(0)


class Door:
    """The connections of one listener. `name` is what its figures are labelled with."""

    def __init__(self, limits: Limits, name: str = "") -> None:
        self.limits = limits
        self.rules = {path.encode(): rule for path, rule in limits.by_path.items()}
        self.open: set[GuardedProtocol] = set()
        self.lingering: set[GuardedProtocol] = set()
        self._reserved: dict[GuardedProtocol, None] = {}
        self._by_share: Counter[str] = Counter()
        self._candidates: deque[tuple[float, GuardedProtocol]] = deque()
        self._nobody_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._name = name
        self._untold: Counter[str] = Counter()
        self._told_at = float("-inf")
        metrics.OPEN.labels(name).set_function(lambda: len(self.open))

    def admit(self, one: GuardedProtocol) -> Refusal | None:
        """Take a new connection in, if need be in another's place; what to answer it if there is none."""
        self._watch(one.loop, self.limits.step)
        most = self.limits.max_per_address
        share = share_of(one.client[0], self.limits.exempt) if most is not None and one.client else ""
        if most is not None and share and self._by_share[share] >= most:
            return PER_ADDRESS
        if len(self.open) - len(self._reserved) >= self.limits.max_connections and not self._make_room(one):
            if not self._reserve(one):
                return FULL
            one.reserved = True
        one.share = share
        self.open.add(one)
        self._by_share[share] += 1
        return None

    def release(self, one: GuardedProtocol) -> None:
        """Its place and share are free again; to release it twice does nothing."""
        self.lingering.discard(one)
        if one not in self.open:
            return
        self.open.remove(one)
        self._reserved.pop(one, None)
        self._by_share[one.share] -= 1
        if not self._by_share[one.share]:
            del self._by_share[one.share]

    def linger(self, one: GuardedProtocol) -> bool:
        """Release it, and keep it for the moment it takes to read its refusal; False in a flood."""
        self.release(one)
        if len(self.lingering) >= MAX_LINGERING:
            return False
        self.lingering.add(one)
        return True

    def count(self, reason: str) -> None:
        """One more refusal."""
        metrics.REFUSED.labels(self._name, reason).inc()
        self._untold[reason] += 1

    def _make_room(self, newcomer: GuardedProtocol) -> bool:
        """Give up the connection that has been without a request for longest. False when all of them have one."""
        now = newcomer.loop.time()
        if not self._candidates and now >= self._nobody_until:
            self._candidates.extend(self._longest_waiting(now))
        while self._candidates:
            since, one = self._candidates.popleft()
            if one in self.open and one.since == since and self._can_go(one, now):
                self._give_up(one)
                return True
            if not self._candidates:
                self._candidates.extend(self._longest_waiting(now))
        self._nobody_until = now + _NOBODY_SECONDS
        return False

    def _longest_waiting(self, now: float) -> list[tuple[float, GuardedProtocol]]:
        """All without a request, or if there is none all whose body does not come; oldest first.

        Whoever joins them later is younger, so one look is enough for as many newcomers.
        """
        found = [one for one in self.open if one not in self._reserved and self._can_go(one, now)]
        without = [one for one in found if one.phase != BODY]
        return sorted(((one.since, one) for one in without or found), key=_SINCE)

    def _reserve(self, newcomer: GuardedProtocol) -> bool:
        """A place of the reserve; the oldest of its silent ones goes for it, as a probe asks at once."""
        if len(self._reserved) >= self.limits.reserve:
            silent = next((one for one in self._reserved if one.phase in WAITING), None)
            if silent is None:
                return False
            self._give_up(silent)
        self._reserved[newcomer] = None
        return True

    def _give_up(self, one: GuardedProtocol) -> None:
        self.count(FULL.reason)
        one.abort()

    def _watch(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        if self._timer is None:
            self._timer = loop.call_later(seconds, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        late = [one for one in (*self.open, *self.lingering) if one.is_late(now + self.limits.step)]
        for one in late[:_EXPIRED_AT_ONCE]:
            one.expire()
        self._tell(now)
        self._timer = None
        if self.open or self.lingering or self._untold:
            self._watch(loop, _SOON_SECONDS if len(late) > _EXPIRED_AT_ONCE else self.limits.step)

    def _tell(self, now: float) -> None:
        """One line for all refusals of the last seconds: a line for each would be a flood of its own."""
        if self._untold and now - self._told_at >= _TELL_SECONDS:
            self._told_at = now
            get_logger().warning("connections_refused", listener=self._name, open=len(self.open), **self._untold)
            self._untold.clear()

    def _can_go(self, one: GuardedProtocol, now: float) -> bool:
        """Not while a request is being answered, nor while the last answer is still being taken."""
        if one.phase == BODY:
            return now - one.since > self.limits.body_grace_seconds and not one.is_busy_answering
        return one.phase in WAITING and not one.is_busy and not one.transport.get_write_buffer_size()
