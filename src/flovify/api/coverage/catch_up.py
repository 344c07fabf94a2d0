"""Closing a gap: the folder's changes are followed to their end, and what is not known yet goes into the queue.

A page's events are committed together with the place where the next one begins, so a crash at any moment repeats a page
at most, and repeating one adds nothing: the events' keys and the messages' rows are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flovify.api.auth_client import AuthClient
from flovify.api.coverage.found import GAP_SOURCE, Place, found_event
from flovify.api.coverage.metrics import CAUGHT_UP, RECOVERED
from flovify.api.coverage.models import Gap, HeldGap, Risk, summary
from flovify.api.coverage.store import CoverageStore, GapLost, KnownState
from flovify.api.providers.errors import ProviderError, ProviderGone, text_of
from flovify.api.providers.models import Changes
from flovify.api.providers.protocol import Providers
from flovify.api.queue.models import NewEvent
from flovify.api.subscriptions.timeline.store import Happening, Timeline
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger

# Mail may be received well before it is announced, and clocks differ; what is known already costs one look.
MARGIN = timedelta(days=1)
# A new subscription's first message may bear a time before it: seconds are cut off, and clocks differ.
FIRST_MARGIN = timedelta(seconds=5)
MAX_PAGES = 10_000
FIRST_WAIT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 900.0


@dataclass(frozen=True)
class _Sorted:
    """What of a page is worth an event."""

    events: list[NewEvent]
    recovered: int
    removals: int


class CatchUp:
    """Closes gaps. Holds no state between them."""

    def __init__(
        self, store: CoverageStore, timeline: Timeline, auth: AuthClient, providers: Providers, *, first_sync_days: int
    ) -> None:
        """`first_sync_days`: how far back before a subscription began its folder is fetched."""
        self._store = store
        self._timeline = timeline
        self._auth = auth
        self._providers = providers
        self._first_sync = timedelta(days=first_sync_days)

    async def work(self, gap: HeldGap) -> None:
        """Follow the folder's changes and close the gap, or keep why it stays open and when it is tried again."""
        try:
            began = await self._follow(gap)
        except GapLost:
            get_logger().info("gap_lost", gap=gap.id, tenant=str(gap.tenant_id))
        except ProviderGone as error:
            await self._store.drop_cursor(gap)
            if gap.cursor is None:
                # It was a whole round already: another at once would be refused alike, for ever.
                await self._failed(gap, error)
            else:
                await self._store.fail(gap, "Microsoft forgot how far the folder was read", 0.0, Risk.CURSOR_LOST)
        except (ProviderError, FlovifyError) as error:
            await self._failed(gap, error)
        else:
            closed = await self._store.close(gap, began)
            if closed is not None:
                await self._tell(closed)

    async def _follow(self, gap: HeldGap) -> datetime:
        """Read pages to the end of the round; gives the time at which the round began, in the database's time."""
        cursor = gap.cursor
        began = gap.round_began if gap.in_round and gap.round_began is not None else await self._store.now()
        for _ in range(MAX_PAGES):
            page = await self._page(gap, cursor)
            states = await self._store.known_states(gap, [*(one.id for one in page.messages), *page.removed])
            found = _sort(gap, page, states)
            await self._store.save_page(
                gap,
                found.events,
                looked_at=len(page.messages),
                recovered=found.recovered,
                removals=found.removals,
                cursor=page.cursor,
                more=page.more,
                began=began,
            )
            RECOVERED.inc(found.recovered)
            cursor = page.cursor
            if not page.more:
                return began
        await self._store.drop_cursor(gap)
        raise ProviderError("the folder's changes do not end", code="too_many_pages")

    async def _page(self, gap: HeldGap, cursor: str | None) -> Changes:
        earliest = gap.subscribed_at - self._first_sync - FIRST_MARGIN
        since = max(earliest, min(gap.since, gap.covered_until or gap.since) - MARGIN)
        return await call_as_tenant(
            self._auth,
            gap.tenant_id,
            lambda token: self._providers.of(token).changes(token, gap.resource, cursor, since),
        )

    async def _failed(self, gap: HeldGap, error: ProviderError | FlovifyError) -> None:
        grown = min(FIRST_WAIT_SECONDS * 2 ** min(gap.failures, 10), LONGEST_WAIT_SECONDS)
        asked = error.retry_after if isinstance(error, ProviderError) else None
        get_logger().warning("gap_stays_open", gap=gap.id, tenant=str(gap.tenant_id), error=text_of(error)[:300])
        await self._store.fail(gap, text_of(error), max(grown, asked or 0.0))

    async def _tell(self, gap: Gap) -> None:
        """On the subscription's timeline, unless it was only the beginning and nothing was there."""
        CAUGHT_UP.labels(gap.reasons[0]).inc()
        get_logger().info(
            "gap_closed", gap=gap.id, tenant=str(gap.tenant_id), reasons=list(gap.reasons), recovered=gap.recovered
        )
        if gap.recovered or gap.reasons != (Risk.FIRST_SYNC,):
            await self._timeline.add(gap.subscription_row_id, gap.tenant_id, Happening.CAUGHT_UP, detail=summary(gap))


def _sort(gap: HeldGap, page: Changes, states: dict[str, KnownState]) -> _Sorted:
    place = Place(
        gap.tenant_id, gap.provider, gap.resource, gap.subscription_row_id, gap.subscription_id, f"{GAP_SOURCE}{gap.id}"
    )
    created = [
        found_event(place, one.id, one.state)
        for one in page.messages
        if not states[one.id].is_stored and not states[one.id].is_on_its_way
    ]
    updated = [
        found_event(place, one.id, one.state, "updated")
        for one in page.messages
        if _is_other(gap, states[one.id], one.state)
    ]
    gone = [found_event(place, one, _mark(page), "deleted") for one in _left(gap, page, states)]
    return _Sorted([*created, *updated, *gone], len(created), len(gone))


def _is_other(gap: HeldGap, known: KnownState, state: str) -> bool:
    """Whether what is stored is another state than the folder's, and somebody wants to know."""
    watched = "updated" in gap.change_types or known.is_deleted
    return watched and known.is_stored and not known.is_on_its_way and (known.is_deleted or known.etag != state)


def _left(gap: HeldGap, page: Changes, states: dict[str, KnownState]) -> Iterator[str]:
    """Stored messages that left the folder, where somebody wants to know. Whether moved or deleted the worker asks."""
    for message_id in page.removed if "deleted" in gap.change_types else ():
        known = states[message_id]
        if known.is_stored and not known.is_deleted:
            yield message_id


def _mark(page: Changes) -> str:
    """A removal has no state of its own; a message may leave, come back and leave again."""
    return hashlib.blake2b((page.cursor or "").encode(), digest_size=8).hexdigest()
