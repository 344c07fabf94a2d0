"""When something is worth an alert: the rules of deploy/prometheus/rules/flovify.yml that figures can answer.

Names, limits and times are the same there and here, and change together; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from flovify.api.alerts.models import Seen, Severity
from flovify.common.readings.models import Reading

HOUR, DAY = 3600.0, 86_400.0
OLD_SECONDS = 120.0
_MINUTE = 60.0


@dataclass(frozen=True)
class Rule:
    """`says` gives the sentence to tell, "" while all is well; it is asked only where what it `needs` is known.

    It must have held for `for_seconds` before it is told.
    """

    name: str
    for_seconds: float
    severity: Severity
    means: str
    needs: Literal["api", "auth", "nothing"]
    says: Callable[[Seen], str]


def judge(seen: Seen) -> dict[str, str]:
    """What each rule says, by its name. A rule that cannot be answered is not there: it neither begins nor ends."""
    known = {"api": fresh(seen.api), "auth": fresh(seen.auth), "nothing": True}
    return {rule.name: rule.says(seen) for rule in RULES if known[rule.needs]}


def fresh(reading: Reading | None) -> bool:
    """Whether the figures are of now; old ones say nothing."""
    return reading is not None and reading.age_seconds <= OLD_SECONDS


def span(seconds: float) -> str:
    """A length of time in words, rounded down."""
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", _MINUTE)):
        if seconds >= 2 * size:
            return f"{int(seconds / size)} {unit}"
    return f"{int(seconds)} seconds"


def _figure(seen: Seen, name: str, *labels: str) -> float | None:
    for reading in (seen.api, seen.auth):
        if reading is not None and (value := reading.get(name, *labels)) is not None:
            return value
    return None


def _more(name: str, limit: float, words: str, *labels: str) -> Callable[[Seen], str]:
    """Says `words`, with the number behind, while a figure is above the limit."""

    def says(seen: Seen) -> str:
        value = _figure(seen, name, *labels)
        return f"{words}: {value:,.0f}" if value is not None and value > limit else ""

    return says


def _longer(name: str, limit: float, words: str) -> Callable[[Seen], str]:
    """Says `words`, with the time behind, while a figure in seconds is above the limit."""

    def says(seen: Seen) -> str:
        value = _figure(seen, name)
        return f"{words} {span(value)}" if value is not None and value > limit else ""

    return says


def _ends(name: str, limit: float, what: str) -> Callable[[Seen], str]:
    """Says that `what` ends while a figure, the seconds until then, is below the limit."""

    def says(seen: Seen) -> str:
        value = _figure(seen, name)
        return _end(what, value) if value is not None and value < limit else ""

    return says


def _end(what: str, seconds: float) -> str:
    return f"{what} ends in {span(seconds)}" if seconds > 0 else f"{what} has ended"


def _credentials(limit: float) -> Callable[[Seen], str]:
    """Says which registrations' last credential ends within the limit, in seconds."""

    def ending(seen: Seen) -> Iterator[str]:
        ends = seen.auth.values.get("flovify_auth_app_credential_expires_timestamp_seconds", {}) if seen.auth else {}
        for (registration,), at in sorted(ends.items()):
            left = at - seen.at.timestamp()
            if left < limit:
                yield _end(f"the credential of registration {registration}", left)

    return lambda seen: _sentence(ending(seen))


def _down(seen: Seen) -> str:
    def missing() -> Iterator[str]:
        if not seen.auth_answers:
            yield "auth does not answer the worker"
        if seen.api is not None and fresh(seen.api) and seen.api.get("flovify_workers") == 0:
            yield "no worker gives a sign of life"

    return _sentence(missing())


def _old(seen: Seen) -> str:
    def old() -> Iterator[str]:
        if not fresh(seen.api):
            yield "the figures of api are old"
        if seen.auth_answers and not fresh(seen.auth):
            yield "the figures of auth are old"

    return _sentence(old())


def _sentence(parts: Iterator[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


_STOP = "Without a new client secret or certificate all its accounts stop."
# In the order in which they are told.
RULES = (
    Rule(
        "FlovifyServiceDown", 300, "critical", "A part of Flovify is down, or cannot be reached.", "nothing", _down
    ),
    Rule(
        "FlovifyIntakeClosed", 60, "critical",
        "Nothing is taken until there is room again. Microsoft delivers again for four hours.",
        "nothing", lambda seen: seen.closed,
    ),
    Rule(
        "FlovifyDiskLow", 300, "warning",
        "Before it is full the intake closes, and notifications are answered 503.", "nothing", lambda seen: seen.disk,
    ),
    Rule(
        "FlovifyFiguresOld", 300, "warning",
        "They are counted every ten seconds. While they are old the alerts that build on them say nothing.",
        "nothing", _old,
    ),
    Rule(
        "FlovifySilence", 0, "warning",
        "There are active subscriptions, and Microsoft has announced nothing for longer than a day.",
        "api", _longer("flovify_silence_seconds", DAY, "No notification for"),
    ),
    Rule(
        "FlovifyGapsOpen", 1800, "warning",
        "Something may have been missed, and looking it up has not ended within half an hour.",
        "api", _more("flovify_coverage_gaps_open", 0, "Open gaps"),
    ),
    Rule(
        "FlovifyDeadLetters", 60, "warning",
        "Events that could not be done wait for somebody to replay or discard them.",
        "api", _more("flovify_queue_dead_letters", 0, "Dead letters"),
    ),
    Rule(
        "FlovifyQueueDeep", 600, "warning", "More comes in than the workers settle.",
        "api", _more("flovify_queue_waiting_events", 10_000, "Waiting events"),
    ),
    Rule(
        "FlovifyQueueOld", 300, "critical", "Its mailbox waits for nothing that is known, so no worker gets to it.",
        "api", _longer("flovify_queue_oldest_served_due_seconds", 300, "An event is due for"),
    ),
    Rule(
        "FlovifyRenewalFailing", 900, "warning",
        "The last renewal or creation failed. Until it ends a subscription still delivers.",
        "api", _more("flovify_subscriptions_failing", 0, "Subscriptions that cannot be renewed"),
    ),
    Rule(
        "FlovifySubscriptionEnds", 600, "critical",
        "It should have been renewed a day before its end. When it ends, nothing is announced for its folder.",
        "api", _ends("flovify_subscription_soonest_expiry_seconds", 6 * HOUR, "A subscription"),
    ),
    Rule(
        "FlovifyAccountsBlocked", 900, "warning", "Their mailbox refuses, and their events wait.",
        "auth", _more("flovify_tenants", 0, "Accounts that cannot be served", "blocked"),
    ),
    Rule(
        "FlovifyReconnectRequired", 300, "warning",
        "Microsoft takes their refresh token no more: nothing is fetched until the owner signs in.",
        "auth", _more("flovify_tenants", 0, "Accounts that must be connected again", "reconnect_required"),
    ),
    Rule(
        "FlovifyTokenRefreshFailing", 900, "warning",
        "The last call to Microsoft for a fresh token failed. What still lives is used.",
        "auth", _more("flovify_auth_tokens_failing", 0, "Accounts that get no fresh token"),
    ),
    Rule("FlovifyCredentialEndsSoon", 0, "critical", _STOP, "auth", _credentials(7 * DAY)),
    Rule("FlovifyCredentialEnds", 0, "warning", _STOP, "auth", _credentials(30 * DAY)),
    Rule(
        "FlovifyRefreshTokenLapses", 3600, "warning",
        "Each is used at least once a day, so this one was not used for two months.",
        "auth", _ends("flovify_auth_refresh_token_soonest_expiry_seconds", 30 * DAY, "A refresh token"),
    ),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}
