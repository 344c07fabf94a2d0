"""What went wrong, sorted by the stage it happened in and by what can be done about it.

TroubleKind               scope     what is done
 ├─ GONE                  event     a second look after some seconds, then skipped
 ├─ POISON                event     dead letter at once
 ├─ TRANSIENT             event     again with backoff, three attempts, then dead letter
 ├─ UNCLEAR               event     or the whole mailbox: TRANSIENT if Graph serves the mailbox otherwise, else OUTAGE
 ├─ THROTTLED             mailbox   waits as long as Graph asks
 ├─ UNAUTHORIZED          mailbox   one token refresh, then waits
 ├─ RECONNECT             mailbox   waits until somebody signs in again
 ├─ REFUSED               mailbox   waits: permission, policy or licence is missing
 └─ OUTAGE                mailbox   waits, up to five minutes at a time

What is the mailbox's trouble spends no attempts, so an outage of hours fills no dead letters.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from enum import StrEnum

from flovify.api.errors import ReconnectRequired, TenantNotFound
from flovify.api.providers.errors import (
    MailboxUnsupported,
    ProviderBadRequest,
    ProviderConflict,
    ProviderError,
    ProviderForbidden,
    ProviderGone,
    ProviderNotFound,
    ProviderThrottled,
    ProviderTooLarge,
    ProviderUnauthorized,
    ProviderUnavailable,
)
from flovify.common.errors import FlovifyError, Unavailable

MAX_ATTEMPTS = 3
SECOND_LOOK_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0
UNSUPPORTED_WAIT_SECONDS = 3600.0
_FIRST_RETRY_SECONDS = 5.0
_RETRY_FACTOR = 6.0
_FIRST_WAIT_SECONDS = 2.0


class Stage(StrEnum):
    """Where in the way of a message it happened."""

    TOKEN = "token"  # noqa: S105 - a stage, not a secret
    FETCH = "fetch"
    DECODE = "decode"
    STORE = "store"


class TroubleKind(StrEnum):
    """See the module's table."""

    GONE = "gone"
    POISON = "poison"
    TRANSIENT = "transient"
    UNCLEAR = "unclear"
    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    RECONNECT = "reconnect_required"
    REFUSED = "refused"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure, sorted. `wait_seconds` is what the other side asked for; `reason` is a stable word for metrics.

    `status` and `request_id` are of the provider's answer, where it gave one.
    """

    kind: TroubleKind
    reason: str
    text: str
    wait_seconds: float | None = None
    stage: Stage = Stage.FETCH
    status: int | None = None
    request_id: str | None = None


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
        return Trouble(TroubleKind.TRANSIENT, "not_storable", type(error).__name__)
    # Our own bug with this one message: it may pass with the next version, so it is tried, and then kept.
    return Trouble(TroubleKind.TRANSIENT, f"{stage}_failed", type(error).__name__)


def retry_seconds(attempts: int) -> float:
    """How long an event waits after its n-th failure: 5, 30 … seconds, a quarter more or less by chance."""
    return _FIRST_RETRY_SECONDS * math.pow(_RETRY_FACTOR, max(attempts - 1, 0)) * _jitter()


def wait_seconds(trouble: Trouble, failures: int) -> float:
    """How long a mailbox waits: what was asked for, at least, else 2, 4, 8 … up to 300 seconds with jitter.

    `failures` counts the waits before this one.
    """
    if trouble.kind is TroubleKind.REFUSED and trouble.reason == "mailbox_unsupported":
        # "Stop, recheck daily" (concepts/errors.md); hourly notices a new licence the same morning.
        return UNSUPPORTED_WAIT_SECONDS * _jitter()
    if trouble.kind in (TroubleKind.UNAUTHORIZED, TroubleKind.RECONNECT, TroubleKind.REFUSED):
        return LONGEST_WAIT_SECONDS * _jitter()
    if trouble.kind is TroubleKind.THROTTLED and trouble.wait_seconds is not None:
        # Requests made while throttled still count (graph/throttling-limits), so never earlier; a little later, lest
        # all mailboxes come back in one moment.
        return trouble.wait_seconds + random.uniform(0.05, 1.0)  # noqa: S311
    grown = _FIRST_WAIT_SECONDS * math.pow(2, min(failures, 10)) * _jitter()
    return max(min(grown, LONGEST_WAIT_SECONDS), trouble.wait_seconds or 0.0)


def _sort_graph(error: ProviderError) -> Trouble:
    kind, reason = _graph_kind(error)
    return Trouble(
        kind,
        reason,
        error.describe(),
        error.retry_after,
        status=error.status or None,
        request_id=error.request_id or None,
    )


def _graph_kind(error: ProviderError) -> tuple[TroubleKind, str]:
    match error:
        case ProviderNotFound() | ProviderGone():
            return TroubleKind.GONE, "gone"
        case ProviderThrottled():
            return TroubleKind.THROTTLED, "throttled"
        case ProviderUnauthorized() if error.claims:
            return TroubleKind.RECONNECT, "claims_challenge"
        case ProviderUnauthorized():
            return TroubleKind.UNAUTHORIZED, "unauthorized"
        case MailboxUnsupported():
            return TroubleKind.REFUSED, "mailbox_unsupported"
        case ProviderForbidden() | ProviderUnavailable():
            return TroubleKind.UNCLEAR, error.kind
        case ProviderTooLarge() | ProviderBadRequest():
            return TroubleKind.POISON, error.kind
        case ProviderConflict():
            return TroubleKind.TRANSIENT, error.kind
        case _:
            return TroubleKind.UNCLEAR, error.kind


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


def _jitter() -> float:
    return random.uniform(0.75, 1.25)  # noqa: S311 - spreading, not secrecy
