"""What happens to a notification between the request and the answer: checked, stored, nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from flovify.api.intake.budget import LookUpBudget
from flovify.api.intake.differences import Differences
from flovify.api.intake.errors import Closed
from flovify.api.intake.events import to_event
from flovify.api.intake.group_commit import GroupCommit
from flovify.api.intake.guard import IntakeGuard
from flovify.api.intake.known import MAX_KNOWN, STALE_SECONDS, KnownSubscriptions
from flovify.api.intake.metrics import ACCEPTED, NOTIFICATIONS
from flovify.api.intake.models import Accepted, KnownSubscription
from flovify.api.intake.parse import Item, parse
from flovify.api.intake.rehash import Rehashing
from flovify.api.intake.store import EventWriter, SubscriptionReader
from flovify.api.intake.usual import usual_rows
from flovify.api.intake.verified import VerifiedSecrets
from flovify.api.intake_log.errors import NotStored
from flovify.api.intake_log.models import to_row
from flovify.api.intake_log.protocol import Engine
from flovify.api.queue.listener import Listener
from flovify.api.queue.models import NewEvent
from flovify.api.settings import ApiBaseSettings
from flovify.api.subscriptions.client_state import parse as parse_client_state
from flovify.api.subscriptions.client_state import validate_client_state
from flovify.api.subscriptions.keys.models import Keyring
from flovify.api.subscriptions.keys.store import KeyStore
from flovify.api.subscriptions.timeline.store import Timeline
from flovify.common import correlation
from flovify.common.caller import network_of
from flovify.common.db import Pool
from flovify.common.logs import get_logger

# Changes of so long are read together.
KEEP_UP_SECONDS = 0.1
SUBSCRIPTION_CHANNEL = "flovify_subscriptions"
# Compared with when there is no subscription, so that an unknown one takes as long as a known one.
_NO_HASH = hashlib.sha256(b"no such subscription").digest()


# An item whose secret was right, its subscription, and the event it is.
Genuine: TypeAlias = tuple[Item, KnownSubscription, NewEvent]


class IntakeDeps(Protocol):
    """What the intake takes from the process it runs in."""

    @property
    def settings(self) -> ApiBaseSettings: ...

    @property
    def pool(self) -> Pool: ...

    @property
    def engine(self) -> Engine | None: ...


class Intake:
    """The webhook's rules. `start` before the first request, `stop` after the last. Without `guard` it never closes."""

    def __init__(self, deps: IntakeDeps, guard: IntakeGuard | None = None) -> None:
        pool = deps.pool
        self._keys = deps.settings.client_state_keys
        self._keyring = Keyring(self._keys)
        self._reader = SubscriptionReader(pool)
        # What an engine keeps need not wait for the database, so what is known is believed while that is away.
        self._outlives = deps.engine is not None
        self._known = KnownSubscriptions(self._reader.read, stale_seconds=STALE_SECONDS if self._outlives else 0.0)
        self._verified = VerifiedSecrets(self._known)
        self._commit = GroupCommit(deps.engine.front if deps.engine else lambda: EventWriter(pool))
        self._differences = Differences(Timeline(pool))
        self._rehashing = Rehashing(KeyStore(pool), self._keys)
        self._budget = LookUpBudget()
        self._guard = guard
        self._listener = Listener(pool, SUBSCRIPTION_CHANNEL, self._on_change, self._on_gap)
        self._running: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._missed = False
        # When the last genuine notification was stored, None before the first.
        self.heard_at: datetime | None = None

    async def start(self) -> None:
        """Learn what there is, then begin to listen for changes, to watch for room, and to commit."""
        self._commit.start()
        await self._learn()
        self._running = [asyncio.create_task(self._listener.run())]
        if self._outlives:
            self._running.append(asyncio.create_task(self._keep_up()))
        if self._guard:
            await self._guard.look()
            self._running.append(asyncio.create_task(self._guard.run()))

    async def stop(self) -> None:
        """Commit what was accepted, then end."""
        await self._commit.stop()
        await self._differences.stop()
        await self._rehashing.stop()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _learn(self) -> None:
        with contextlib.suppress(NotStored):  # else each is read when its first notification comes
            await self._known.learn_all(lambda: self._reader.read_all(MAX_KNOWN))

    async def _keep_up(self) -> None:
        """Know what there is before the database goes away, also of what nobody has asked for lately."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._missed:
                self._missed = False
                await self._learn()
            with contextlib.suppress(NotStored):  # they are read with all others when the database is back
                if await self._known.read_heard():
                    self._changed.set()
            await asyncio.sleep(KEEP_UP_SECONDS)

    def accept_usual(self, body: bytes, correlation_id: str) -> asyncio.Future[None] | None:
        """Store the events of one POST, done once they are committed; None where it is no usual one: see `accept`.

        `correlation_id` is the request's, in the caller's form. Raises NotStored as `accept` does; so may the future.
        """
        self._check_open()
        rows = usual_rows(body, self._verified, correlation.as_uuid_text(correlation_id))
        if rows is None:
            return None
        stored = self._commit.begin(rows)
        stored.add_done_callback(lambda done: self._count_usual(done, len(rows)))
        return stored

    def _count_usual(self, done: asyncio.Future[None], events: int) -> None:
        if not done.cancelled() and done.exception() is None:
            ACCEPTED.inc(events)
            self.heard_at = datetime.now(UTC)

    async def accept(self, body: bytes, caller: Callable[[], str | None] = lambda: None) -> Accepted:
        """Store the events of one POST; return once they are committed. `caller` tells the address it came from.

        Raises Refused for what Graph never sends, and NotStored: then nothing may be acknowledged, as when this process
        has not got the key that others use by now, there is no room, or the caller has made up too many ids.
        """
        self._check_open()
        correlation_id = correlation.current_uuid()
        items, malformed = parse(body)
        dropped: Counter[str] = Counter(malformed=malformed) if malformed else Counter()
        events = await self._checked(items, dropped, caller, correlation_id)
        if events:
            await self._commit.submit([to_row(event) for _, _, event in events])
            ACCEPTED.inc(len(events))
            self.heard_at = datetime.now(UTC)
            for item, known, _ in events:
                self._differences.note(item, known)
                self._rehashing.note(item, known)
        for reason, count in dropped.items():
            NOTIFICATIONS.labels(reason).inc(count)
        if dropped:
            get_logger().debug("notifications_dropped", reasons=dict(dropped))
        return Accepted(len(events), dropped.total())

    def _check_open(self) -> None:
        if self._guard and self._guard.reason:
            raise Closed(self._guard.reason)

    async def _checked(
        self, items: list[Item], dropped: Counter[str], caller: Callable[[], str | None], correlation_id: uuid.UUID
    ) -> list[Genuine]:
        row_ids = [_row_id(item) for item in items]
        known = await self._known.find(
            {row_id for row_id in row_ids if row_id is not None},
            lambda number: self._budget.take(network_of(caller() or ""), number),
        )
        events: list[Genuine] = []
        checks: list[uuid.UUID] = []
        for item, row_id in zip(items, row_ids, strict=True):
            subscription = known.get(row_id) if row_id is not None else None
            reason = self._why_not(item, row_id, subscription)
            if reason is not None and subscription is not None:
                # The secret or the ids may have changed a moment ago, and the announcement be still under way.
                subscription = await self._known.read_again(subscription.id)
                reason = self._why_not(item, row_id, subscription)
            if reason is not None and subscription is not None and self._cannot_tell(subscription):
                raise NotStored("client_state_key_missing")
            if reason is None and subscription is not None and subscription.is_check:
                checks.append(subscription.id)
            elif reason is None and subscription is not None:
                events.append((item, subscription, to_event(item, subscription, correlation_id)))
            else:
                dropped[reason or "unknown_subscription"] += 1
        if checks:
            await self._reader.note_checks(checks)
            dropped["connection_check"] += len(checks)
        return events

    def _why_not(self, item: Item, row_id: uuid.UUID | None, known: KnownSubscription | None) -> str | None:
        """Why the item is not taken; None when it is genuine."""
        secret = item.notification.client_state
        if row_id is None or not isinstance(secret, str):
            return "client_state_missing" if secret is None else "client_state_mismatch"
        current = validate_client_state(secret, [known.client_state_hash if known else _NO_HASH], self._keys)
        if known is None:
            return "unknown_subscription"
        if current:
            self._remember(secret, known)
            return None
        previous = validate_client_state(secret, [known.previous_client_state_hash], self._keys)
        return None if previous else "client_state_mismatch"

    def _remember(self, secret: str, known: KnownSubscription) -> None:
        """Not for a check, nor where something is to be done with the secret whenever it arrives."""
        if not known.is_check and not self._keyring.is_outdated(known.client_state_key_id):
            self._verified.remember(secret, known)

    def _cannot_tell(self, known: KnownSubscription) -> bool:
        """Its secret is under a key that only other processes have, while they are restarted one by one.

        Graph delivers again what is not acknowledged, to them or to this one restarted.
        """
        return known.delivers and self._keyring.is_missing(known.client_state_key_id)

    def _on_change(self, payload: str) -> None:
        self._known.listening = True
        with contextlib.suppress(ValueError):
            self._known.forget(uuid.UUID(payload))
        self._changed.set()

    def _on_gap(self) -> None:
        self._known.forget_all()
        self._known.listening = self._missed = self._listener.listening
        if self._missed:
            self._changed.set()


def _row_id(item: Item) -> uuid.UUID | None:
    secret = item.notification.client_state
    return parse_client_state(secret) if isinstance(secret, str) else None
