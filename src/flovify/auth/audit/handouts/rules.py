"""When hand-outs of tokens are unusual: a minute compared with the day before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# A worker that is new to an account, or an installation that is, asks more than it will later.
LEAST_HISTORY = timedelta(minutes=30)
TENANTS_TIMES, TENANTS_MORE = 3, 20
ONE_TENANT_TIMES, ONE_TENANT_FLOOR = 10, 60


class Kind(StrEnum):
    """Many accounts at once, as when somebody empties the vault; or one account asked for over and over."""

    TENANTS = "tenants"
    ONE_TENANT = "one_tenant"


@dataclass(frozen=True)
class Usual:
    """`median` of the minutes of the day before in which there was anything; `reach`: how long ago the first was."""

    median: float
    reach: timedelta


@dataclass(frozen=True)
class Minute:
    """What is judged: `count` accounts handed out, or hand-outs of the account `subject`."""

    kind: Kind
    subject: str
    count: int
    usual: Usual | None


def unusual(minutes: Iterable[Minute]) -> list[Minute]:
    """Those that call for an alarm."""
    return [minute for minute in minutes if is_unusual(minute)]


def is_unusual(minute: Minute) -> bool:
    """Never without half an hour of history."""
    usual = minute.usual
    if usual is None or usual.reach < LEAST_HISTORY:
        return False
    if minute.kind is Kind.TENANTS:
        return minute.count > TENANTS_TIMES * usual.median and minute.count >= usual.median + TENANTS_MORE
    return minute.count > ONE_TENANT_TIMES * usual.median and minute.count > ONE_TENANT_FLOOR
