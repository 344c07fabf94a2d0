"""What went wrong, sorted by the stage it happened in and by what can be done about it.

TroubleKind               scope     what is done
 ├─ UNCLEAR               event     or the mailbox: `if_served` when Graph serves the mailbox otherwise, else OUTAGE
 ├─ GONE                  event     looked for again for ten minutes, then settled: it is proven not to be there
 ├─ MESSAGE               event     three attempts, each in another way (see `Way`), then dead letter
 ├─ POISON                event     dead letter at once
 ├─ WAITS                 event     again with backoff for as long as it takes; spends nothing
 ├─ THROTTLED             mailbox   waits as long as Graph asks
 ├─ UNAUTHORIZED          mailbox   one token refresh, then waits
 ├─ RECONNECT             mailbox   waits until somebody signs in again
 ├─ REFUSED               mailbox   waits: permission, policy or licence is missing
 └─ OUTAGE                mailbox   waits, up to half a minute at a time; then one event finds out for all

A status number proves nothing by itself. That a message is not there is believed of Graph's own words about this item
alone, and only while Graph serves the mailbox; only what is plainly the message's own spends its attempts. So an outage
of hours, or of a part of the calls, fills no dead letters and loses no message.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from enum import StrEnum

from flovify.api.errors import ReconnectRequired, TenantNotFound
from flovify.api.providers.errors import (
    ItemNotFound,
    MailboxUnsupported,
    ProviderBadRequest,
    ProviderError,
    ProviderForbidden,
    ProviderThrottled,
    ProviderTooLarge,
    ProviderUnauthorized,
)
from flovify.common.errors import FlovifyError, Unavailable

MAX_ATTEMPTS = 3
# Seconds before each further look for a message that is not there: a notice may precede the mailbox's own view, by far
# more than seconds on a bad day (concepts/delta-query-messages). After the last one twelve minutes have passed.
LOOKS_SECONDS = (5.0, 15.0, 60.0, 160.0, 240.0, 240.0)
# The message arrived, and the database refused its content.
NOT_STORABLE = "not_storable"
LONGEST_WAIT_SECONDS = 300.0
LONGEST_OUTAGE_SECONDS = 30.0
UNSUPPORTED_WAIT_SECONDS = 3600.0
_FIRST_RETRY_SECONDS = 2.0
_RETRY_FACTOR = 4.0
_FIRST_WAIT_SECONDS = 2.0
# What a message itself can be blamed for (concepts/errors.md): the request about it is wrong, or it is too large.
_MESSAGE_STATUS = frozenset((400, 413))


class Stage(StrEnum):
    """Where in the way of a message it happened."""

    TOKEN = "token"  # noqa: S105 - a stage, not a secret
    FETCH = "fetch"
    DECODE = "decode"
    STORE = "store"


class Way(StrEnum):
    """How a message is asked for; each attempt that failed for the message's own sake takes the next one.

    EXPANDED with the list of its attachments, PLAIN without it, SOURCE as its RFC 5322 source.
    """

    EXPANDED = "expanded"
    PLAIN = "plain"
    SOURCE = "source"


def way_of(attempts: int) -> Way:
    """The way for the n-th attempt, counted from 1."""
    return list(Way)[min(max(attempts, 1), len(Way)) - 1]


class TroubleKind(StrEnum):
    """See the module's table."""

    UNCLEAR = "unclear"
    GONE = "gone"
    MESSAGE = "message"
    POISON = "poison"
    WAITS = "waits"
    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    RECONNECT = "reconnect_required"
    REFUSED = "refused"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure, sorted. `wait_seconds` is what the other side asked for; `reason` is a stable word for metrics.

    `status` and `request_id` are of the provider's answer, where it gave one. `if_served` is what an UNCLEAR one turns
    out to be when the provider serves the mailbox otherwise.
    """

    kind: TroubleKind
    reason: str
    text: str
    wait_seconds: float | None = None
    stage: Stage = Stage.FETCH
    status: int | None = None
    request_id: str | None = None
    if_served: TroubleKind = TroubleKind.WAITS

    def cleared(self, *, served: bool) -> Trouble:
        """Decided, if it was UNCLEAR: `served` says whether the provider serves the mailbox otherwise."""
        if self.kind is not TroubleKind.UNCLEAR:
            return self
        if served:
            return replace(self, kind=self.if_served)
        refused = self.reason == ProviderForbidden.kind
        return replace(self, kind=TroubleKind.REFUSED if refused else TroubleKind.OUTAGE)


def sort_error(error: Exception, stage: Stage) -> Trouble:
    """The one place where an error's meaning is decided."""
    return replace(_sort(error, stage), stage=stage)


def _sort(error: Exception, stage: Stage) -> Trouble:
    if isinstance(error, ProviderError):
        return _sort_graph(error)
    if isinstance(error, FlovifyError):
        return _sort_own(error)
    if stage is Stage.TOKEN:
        return Trouble(TroubleKind.OUTAGE, "auth_unavailable", type(error).__name__)
    if stage is Stage.STORE:
        return Trouble(TroubleKind.MESSAGE, NOT_STORABLE, type(error).__name__)
    # Our own bug with this one message: it may pass with the next version, so it is tried, and then kept.
    return Trouble(TroubleKind.MESSAGE, f"{stage}_failed", type(error).__name__)


def retry_seconds(attempts: int) -> float:
    """How long an event waits after its n-th failure, before the next way: 2, 8 … seconds, a quarter more or less."""
    return _FIRST_RETRY_SECONDS * math.pow(_RETRY_FACTOR, max(attempts - 1, 0)) * _jitter()


def patience_seconds(trouble: Trouble, waits: int) -> float:
    """How long one event waits by itself for the n-th time in a row: 2, 4, 8 … 300 seconds, or what was asked for."""
    return max(_grown(waits - 1, LONGEST_WAIT_SECONDS), trouble.wait_seconds or 0.0)


def wait_seconds(trouble: Trouble, failures: int) -> float:
    """How long a mailbox waits: what was asked for, at least, else 2, 4, 8 … seconds with jitter up to the kind's most.

    `failures` counts the waits in a row before this one.
    """
    if trouble.kind is TroubleKind.REFUSED and trouble.reason == "mailbox_unsupported":
        # "Stop, recheck daily" (concepts/errors.md); hourly notices a new licence the same morning.
        return UNSUPPORTED_WAIT_SECONDS * _jitter()
    if trouble.kind in (TroubleKind.UNAUTHORIZED, TroubleKind.RECONNECT, TroubleKind.REFUSED):
        return LONGEST_WAIT_SECONDS * _jitter()
    if asked_to_wait(trouble):
        # Requests made while throttled still count (graph/throttling-limits), so never earlier; a little later, lest
        # all mailboxes come back in one moment.
        return (trouble.wait_seconds or 0.0) + random.uniform(0.05, 1.0)  # noqa: S311
    # One call finds out whether an outage is over, so it may look often; without a time given, throttling is not poked.
    most = LONGEST_OUTAGE_SECONDS if trouble.kind is TroubleKind.OUTAGE else LONGEST_WAIT_SECONDS
    return max(_grown(failures, most), trouble.wait_seconds or 0.0)


def asked_to_wait(trouble: Trouble) -> bool:
    """Whether the provider said how long: such a wait is no failure and adds nothing to the backoff."""
    return trouble.kind is TroubleKind.THROTTLED and trouble.wait_seconds is not None


def _sort_graph(error: ProviderError) -> Trouble:
    kind, reason = _graph_kind(error)
    return Trouble(
        kind,
        reason,
        error.describe(),
        error.retry_after,
        status=error.status or None,
        request_id=error.request_id or None,
        if_served=_blame(error),
    )


def _graph_kind(error: ProviderError) -> tuple[TroubleKind, str]:
    match error:
        case ProviderThrottled():
            return TroubleKind.THROTTLED, "throttled"
        case ProviderUnauthorized() if error.claims:
            return TroubleKind.RECONNECT, "claims_challenge"
        case ProviderUnauthorized():
            return TroubleKind.UNAUTHORIZED, "unauthorized"
        case MailboxUnsupported():
            return TroubleKind.REFUSED, "mailbox_unsupported"
        case ProviderTooLarge():
            return TroubleKind.MESSAGE, error.kind
        case _:
            return TroubleKind.UNCLEAR, error.kind


def _blame(error: ProviderError) -> TroubleKind:
    """What an unclear answer means while the mailbox is served otherwise."""
    match error:
        case ItemNotFound():
            return TroubleKind.GONE
        case ProviderBadRequest() if error.status in _MESSAGE_STATUS:
            return TroubleKind.MESSAGE
        case _:
            return TroubleKind.WAITS


def _sort_own(error: FlovifyError) -> Trouble:
    text = f"{error.problem_code}: {error.detail}"
    match error:
        case ReconnectRequired():
            return Trouble(TroubleKind.RECONNECT, error.problem_code, text)
        case TenantNotFound():
            # A disconnected account's events are settled by its removal. Should auth not know a tenant for another
            # reason, a restored backup for instance, its events must still be there when it does again.
            return Trouble(TroubleKind.RECONNECT, error.problem_code, text)
        case Unavailable():
            return Trouble(TroubleKind.OUTAGE, error.problem_code, text, error.retry_after)
        case _:
            return Trouble(TroubleKind.OUTAGE, error.problem_code, text)


def _grown(times: int, most: float) -> float:
    return min(_FIRST_WAIT_SECONDS * math.pow(2, min(max(times, 0), 10)) * _jitter(), most)


def _jitter() -> float:
    return random.uniform(0.75, 1.25)  # noqa: S311 - spreading, not secrecy
